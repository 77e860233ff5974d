from requests_app.models.checks import Check, CitationChange, SourceAnswer, SourceSetting
from requests_app.models.citations import Citation
from requests_app.models.copyright import (
    CopyrightDecision,
    CopyrightNumber,
    CopyrightTitle,
    CopyrightUse,
    RuleSet,
)
from requests_app.models.copyright_records import LegalHold, RecordDeletion, RecordPolicy
from requests_app.models.copyright_texts import CopyrightText, Declaration, TextCheck
from requests_app.models.deliveries import Delivery
from requests_app.models.directory import (
    ConnectionTest,
    Contact,
    DirectoryImport,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
    LibrarySymbol,
    Suspension,
)
from requests_app.models.holdings import ElectronicLoad, ElectronicPackage, ElectronicProblem, ElectronicTitle
from requests_app.models.libraries import Condition, Dialogue, Library, RotaEntry
from requests_app.models.lists import ListPreference
from requests_app.models.notes import Note
from requests_app.models.over_limit import CollectionNote, FairPriceSearch, PlaceWait
from requests_app.models.patrons import Patron
from requests_app.models.policies import LenderRule, LoanPolicy
from requests_app.models.prices import OverLimitSettings, PriceList, RightsQuote, RoyaltyPrice
from requests_app.models.references import ExternalReference
from requests_app.models.requests import Counter, ILLRequest
from requests_app.models.royalties import Royalty, RoyaltyList, StatementLine
from requests_app.models.subscriptions import Subscription, SubscriptionLoad, SubscriptionNumber, TitleLink

__all__ = [
    "Check",
    "Citation",
    "CitationChange",
    "CollectionNote",
    "Condition",
    "ConnectionTest",
    "Contact",
    "CopyrightDecision",
    "CopyrightNumber",
    "CopyrightText",
    "CopyrightTitle",
    "CopyrightUse",
    "Counter",
    "Declaration",
    "Delivery",
    "Dialogue",
    "DirectoryImport",
    "ElectronicLoad",
    "ElectronicPackage",
    "ElectronicProblem",
    "ElectronicTitle",
    "ExternalReference",
    "FairPriceSearch",
    "ILLRequest",
    "LegalHold",
    "LenderRule",
    "Library",
    "LibraryAddress",
    "LibraryGroup",
    "LibraryPolicy",
    "LibrarySymbol",
    "ListPreference",
    "LoanPolicy",
    "Note",
    "OverLimitSettings",
    "Patron",
    "PlaceWait",
    "PriceList",
    "RecordDeletion",
    "RecordPolicy",
    "RightsQuote",
    "RotaEntry",
    "Royalty",
    "RoyaltyList",
    "RoyaltyPrice",
    "RuleSet",
    "SourceAnswer",
    "SourceSetting",
    "StatementLine",
    "Subscription",
    "SubscriptionLoad",
    "SubscriptionNumber",
    "Suspension",
    "TextCheck",
    "TitleLink",
]
