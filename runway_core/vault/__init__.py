"""API keys at rest: AES-256-GCM, each bound to its connection and host, under master keys in one 0600 file."""

from runway_core.vault.keys import clean_key, key_hint
from runway_core.vault.vault import Vault

__all__ = ["Vault", "clean_key", "key_hint"]
