"""Secrets of the department's partners: hashed when we only compare, encrypted when we must send them."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


def hashed(secret: str) -> str:
    """SHA-256 is enough for what is 256 random bits; passwords of people are hashed by Django."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(hashed(secret), expected)


def _fernet() -> Fernet:
    key = hashlib.sha256(b"illdesk field key " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class EncryptedText(models.TextField):
    """Text that stands encrypted in the database; '' stays ''. Unreadable with another SECRET_KEY: then ''."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return _fernet().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value, expression, connection):
        if not value:
            return value
        try:
            return _fernet().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""
