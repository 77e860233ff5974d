"""ISO 18626 code lists: the closed ones of the schema and the open ones of Annex B.

Closed lists are those of 1.2 (2017) plus the few words the 2021 edition adds, which `ONLY_2021` marks:
we understand them when a partner sends them and never write them, since we write 1.2.
"""

from collections.abc import Mapping
from enum import StrEnum


class Action(StrEnum):
    STATUS_REQUEST = "StatusRequest"
    RECEIVED = "Received"
    CANCEL = "Cancel"
    RENEW = "Renew"
    SHIPPED_RETURN = "ShippedReturn"
    SHIPPED_FORWARD = "ShippedForward"
    NOTIFICATION = "Notification"
    HOLD_RETURN = "HoldReturn"
    LOST = "Lost"


class ReasonForMessage(StrEnum):
    REQUEST_RESPONSE = "RequestResponse"
    STATUS_REQUEST_RESPONSE = "StatusRequestResponse"
    RENEW_RESPONSE = "RenewResponse"
    CANCEL_RESPONSE = "CancelResponse"
    STATUS_CHANGE = "StatusChange"
    NOTIFICATION = "Notification"


class Status(StrEnum):
    REQUEST_RECEIVED = "RequestReceived"
    EXPECT_TO_SUPPLY = "ExpectToSupply"
    WILL_SUPPLY = "WillSupply"
    LOANED = "Loaned"
    OVERDUE = "Overdue"
    RECALLED = "Recalled"
    RETRY_POSSIBLE = "RetryPossible"
    UNFILLED = "Unfilled"
    COPY_COMPLETED = "CopyCompleted"
    LOAN_COMPLETED = "LoanCompleted"
    COMPLETED_WITHOUT_RETURN = "CompletedWithoutReturn"
    CANCELLED = "Cancelled"
    HOLD_RETURN = "HoldReturn"
    RELEASE_HOLD_RETURN = "ReleaseHoldReturn"


class RequestType(StrEnum):
    NEW = "New"
    RETRY = "Retry"
    REMINDER = "Reminder"


class RequestSubType(StrEnum):
    BOOKING_REQUEST = "BookingRequest"
    MULTIPLE_ITEM_REQUEST = "MultipleItemRequest"
    PATRON_REQUEST = "PatronRequest"
    TRANSFER_REQUEST = "TransferRequest"
    SUPPLYING_LIBRARYS_CHOICE = "SupplyingLibrarysChoice"


class ServiceType(StrEnum):
    COPY = "Copy"
    LOAN = "Loan"
    COPY_OR_LOAN = "CopyOrLoan"


class YesNo(StrEnum):
    Y = "Y"
    N = "N"


class MessageStatus(StrEnum):
    OK = "OK"
    ERROR = "ERROR"


class ErrorType(StrEnum):
    UNSUPPORTED_ACTION_TYPE = "UnsupportedActionType"
    UNSUPPORTED_REASON_FOR_MESSAGE_TYPE = "UnsupportedReasonForMessageType"
    UNRECOGNISED_DATA_ELEMENT = "UnrecognisedDataElement"
    UNRECOGNISED_DATA_VALUE = "UnrecognisedDataValue"
    BADLY_FORMED_MESSAGE = "BadlyFormedMessage"


class PreferredEdition(StrEnum):
    """2021 only; in 1.2 there is anyEdition Y or N."""

    MOST_RECENT_EDITION = "MostRecentEdition"
    THIS_EDITION = "ThisEdition"
    ANY_EDITION = "AnyEdition"


ONLY_2021: frozenset[str] = frozenset(
    {Action.HOLD_RETURN, Action.LOST, Status.HOLD_RETURN, Status.RELEASE_HOLD_RETURN, *PreferredEdition}
)


def listed(vocabulary: type[StrEnum], value: str) -> bool:
    """Whether the closed list has the value, letter for letter, in 1.2 or 2021."""
    return value in frozenset(vocabulary)


def in_edition_1_2(vocabulary: type[StrEnum], value: str) -> bool:
    """Whether the 1.2 schema lets this value be written."""
    return listed(vocabulary, value) and value not in ONLY_2021


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_DELIVERY_METHODS = _words("ArticleExchange Courier Email FTP Mail Odyssey URL")
_FORMATS = _words(
    "Blu-ray Braille CassetteTape CD CD-ROM Daisy-ROM DVD EPUB EPUB2 EPUB3 JPEG LargePrint LP Microform MP3"
    " Multimedia PaperCopy PDF Printed Tape TIFF UltraHD VHS"
)

# Annex B of the 2021 edition, with the 2017 words that fell out. The lists are open: a partner may send
# any other word, which is kept and shown.
OPEN_CODES: Mapping[str, frozenset[str]] = {
    "AgencyIdType": _words("ISIL DNUCNI ICOLC"),
    "BibliographicItemIdentifierCode": _words("ISBN ISSN ISMN DOI Handle ILII NBN URN"),
    "BibliographicRecordIdentifierCode": _words("AMICUS BL FAUST JNB LA LCCN Medline NCID OCLC PID PMID TP"),
    "BillingMethod": _words("Account FreeOfCharge Invoice Other ReciprocityAgreement"),
    "PaymentMethod": _words("BankTransfer CreditCard DebitCard EFTS IBS IIBS IFLAVoucher IFM LAPS Paypal"),
    "CopyrightCompliance": _words(
        "AU-CopyRCatS183ComW AU-CopyRCatS183State AU-CopyrightActS49 AU-CopyrightActS50-1"
        " AU-CopyrightActS50-7A AU-CopyrightCleared AU-GenBus EU-DirectiveOrphanWorks"
        " EU-DirectiveRightsDigitalSingleMarket NZ-CopyrightActS54 NZ-CopyrightActS55 Other UK-CopyRFeePaid"
        " UK-FairDealing US-CCG US-CCL"
    ),
    "CostType": _words("Insurance InsuranceCoverage Packaging Service Shipping Tax"),
    "CourierName": frozenset({"DB Schenker", "DHL", "Fedex", "PostNord AB", "UPS"}),
    "DeliveryMethod": _DELIVERY_METHODS,
    "SentVia": _DELIVERY_METHODS,  # its name in 1.2
    "ElectronicAddressType": _words("Email FTP Chat Skype"),
    "ItemFormat": _FORMATS,
    "Format": _FORMATS,  # preferredFormat and deliveredFormat in 1.2
    "LoanCondition": _words(
        "LibraryUseOnly WatchLibraryUseOnly NoReproduction SignatureRequired SpecCollSupervReq"
    ),
    "PatronType": _words(
        "Adult Child DoctoralStudent Faculty GraduateStudent PostdoctoralResearcher PostgraduateStudent"
        " Researcher Staff Student UnderGraduateStudent"
    ),
    "PublicationType": _words(
        "ArchiveMaterial Article AudioBook Book Chapter ConferenceProc Game GovernmentPubl Image Journal"
        " Manuscript Map Movie MusicRecording MusicScore Newspaper Patent Report SoundRecording Thesis"
    ),
    # LoanCondition is the 2017 word for MustMeetLoanCondition.
    "ReasonRetry": _words(
        "AtBindery CostExceedsMaxCost CourierNotSupp LoanCondition MultiVolAvail MustMeetLoanCondition"
        " NotCurrentAvailableForILL NotFoundAsCited OnLoan OnOrder ReqDelDateNotPossible"
        " ReqDelMethodNotSupp ReqEditionNotPossible ReqFormatNotPossible ReqPayMethodNotSupported"
        " ReqServLevelNotSupp ReqServTypeNotPossible"
    ),
    # Duplicate stands in no edition; CrossLink and the Alma bridge send it.
    "ReasonUnfilled": _words(
        "NonCirculating NotAvailableForILL NotHeld NotOnShelf PolicyProblem PoorCondition Duplicate"
    ),
    "ServiceLevel": _words("Express Normal Rush SecondaryMail Standard Urgent"),
}

_SPELLINGS = {name: {code.casefold(): code for code in codes} for name, codes in OPEN_CODES.items()}


def known_spelling(list_name: str, code: str) -> str:
    """The code as the open list spells it (`pdf` → `PDF`); a code the list does not have is kept as it is."""
    return _SPELLINGS[list_name].get(code.strip().casefold(), code)
