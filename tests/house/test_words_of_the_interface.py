"""What people read: every message in both languages, every error has its words, and no crypto word among them."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent

from confrere.commands.frame import VERBS
from confrere.errors import ConfrereError
from confrere.words.catalogue import LANGUAGES
from directory.errors import DirectoryError, Refusal
from messaging.errors import MessagingError
from record_bridge.errors import RecordError
from tests.house import walls

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "confrere" / "words"

FORBIDDEN = {
    "fr": [
        *("hash", "hachage", "empreinte", "epoque", "epoch", "cle publique", "cle privee", "cle de chiffrement"),
        *("cle de session", "bi-cle", "paire de cles", "jeton", "token", "merkle", "nonce", "certificat"),
        *("signature numerique", "signature electronique", "asymetrique", "symetrique", "cryptographi", "cryptogramme"),
        *("hpke", "aead", "ed25519", "x-wing", "argon2", "sha-256", "blob", "temoin"),
    ],
    "en": [
        *("hash", "digest", "fingerprint", "epoch", "public key", "private key", "encryption key", "session key"),
        *("key pair", "keypair", "token", "merkle", "nonce", "certificate", "digital signature", "asymmetric"),
        *("symmetric", "cryptograph", "ciphertext", "plaintext", "hpke", "aead", "ed25519", "x-wing", "argon2"),
        *("sha-256", "blob", "witness"),
    ],
}


def messages(language: str) -> dict[str, fluent.Message]:
    found: dict[str, fluent.Message] = {}
    for file in sorted((WORDS / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, fluent.Junk), f"{file.name}: {entry.content}"
            if isinstance(entry, fluent.Message):
                assert entry.id.name not in found, f"{entry.id.name} stands twice in {language}"
                found[entry.id.name] = entry
    return found


HOUSES = (DirectoryError, MessagingError, RecordError, ConfrereError)
FRENCH, ENGLISH = messages("fr"), messages("en")


def parts(node: object, kind: type) -> Iterator[object]:
    if isinstance(node, kind):
        yield node
    children = vars(node).values() if isinstance(node, fluent.BaseNode) else node if isinstance(node, list) else ()
    for child in children:
        yield from parts(child, kind)


def facts(message: fluent.Message) -> set[str]:
    return {part.id.name for part in parts(message, fluent.VariableReference)}  # type: ignore[attr-defined]


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def crypto_words(text: str, language: str) -> list[str]:
    """The forbidden words in `text`; a plural in either word of a pair counts."""
    plain = folded(text)
    patterns = {word: re.escape(word).replace(r"\ ", "s? ") for word in FORBIDDEN[language]}
    return [word for word, pattern in patterns.items() if re.search(rf"(?<![a-z0-9]){pattern}", plain)]


# --- every message ---


def test_both_languages_have_the_same_messages() -> None:
    assert set(FRENCH) ^ set(ENGLISH) == set()


@pytest.mark.parametrize("message_id", sorted(set(FRENCH) & set(ENGLISH)))
def test_both_languages_use_the_same_facts(message_id: str) -> None:
    assert facts(FRENCH[message_id]) == facts(ENGLISH[message_id])


@pytest.mark.parametrize("house", [DirectoryError, MessagingError, RecordError, ConfrereError])
def test_every_error_has_its_words(house: type[Refusal]) -> None:
    assert [error_id for error_id in house.CATALOGUE if f"error-{error_id}" not in FRENCH] == []


def test_every_refusal_brings_the_facts_that_its_words_name() -> None:
    missing = []
    for module in walls.read(ROOT).values():
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")):
                continue
            given = {keyword.arg for keyword in node.keywords}
            error_id = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            message = FRENCH.get(f"error-{error_id}")
            if message and None not in given and facts(message) - given:
                missing.append(f"{module.name}:{node.lineno} {error_id} lacks {facts(message) - given}")
    assert missing == []


def test_every_error_with_words_exists() -> None:
    known = {error_id for house in HOUSES for error_id in house.CATALOGUE}
    assert {name.removeprefix("error-") for name in FRENCH if name.startswith("error-")} - known == set()


def test_an_error_id_has_one_house() -> None:
    ids = [error_id for house in HOUSES for error_id in house.CATALOGUE]
    assert sorted({error_id for error_id in ids if ids.count(error_id) > 1}) == []


def test_every_verb_has_its_help() -> None:
    commands = ROOT / "confrere" / "commands"
    groups = [path for path in commands.iterdir() if (path / "__init__.py").is_file()]
    below = ((group.name, file.stem) for group in groups for file in group.glob("[a-z]*.py"))
    verbs = [*VERBS, *(f"{group}-{name.strip('_')}" for group, name in below if name != "itself")]
    assert [verb for verb in verbs if f"verb-{verb.replace('_', '-')}-help" not in FRENCH] == []


def test_every_message_that_the_code_says_exists() -> None:
    """`say("id")` by its literal; `say(f"verb-{name}-help")` by what it can match."""
    missing = []
    for module in walls.read(ROOT).values():
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say"):
                continue
            said = node.args[0] if node.args else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                pattern = re.escape(said.value)
            elif isinstance(said, ast.JoinedStr):
                pattern = "".join(
                    re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else ".+" for piece in said.values
                )
            else:
                continue
            if not any(re.fullmatch(pattern, name) for name in FRENCH):
                missing.append(f"{module.name}:{node.lineno} {ast.unparse(said)}")
    assert missing == []


# --- no crypto word ---


def words_of_messages(language: str) -> Iterator[tuple[str, str]]:
    for name, message in (FRENCH if language == "fr" else ENGLISH).items():
        text = [part.value for part in parts(message, fluent.TextElement)]  # type: ignore[attr-defined]
        text += [part.value for part in parts(message, fluent.StringLiteral)]  # type: ignore[attr-defined]
        yield name, " ".join(text)


def words_of_templates() -> Iterator[tuple[str, str]]:
    """E-mails and pages: what is left when template commands, styles and tags are taken away."""
    rooms = (ROOT / "config" / "mail", ROOT / "messaging" / "rendering", ROOT / "record_bridge" / "rendering")
    for file in sorted(file for room in rooms for file in room.rglob("*.j2")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        if ".css." not in file.name:
            yield file.name, re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_crypto_word_in_the_words_of_the_interface(language: str) -> None:
    found = {name: crypto_words(text, language) for name, text in words_of_messages(language)}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_crypto_word_in_emails_and_pages() -> None:
    found = {name: [*crypto_words(text, "fr"), *crypto_words(text, "en")] for name, text in words_of_templates()}
    assert found
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "L'époque a changé."),
        ("fr", "Vos clés publiques"),
        ("fr", "La CLÉ  PUBLIQUE du confrère"),
        ("fr", "Jetons expirés"),
        ("fr", "arbre de Merkle"),
        ("en", "The epoch is stale."),
        ("en", "Wrong public keys"),
        ("en", "Your tokens"),
    ],
)
def test_planted_crypto_words_are_seen(language: str, sentence: str) -> None:
    assert crypto_words(sentence, language)


def test_plain_words_pass() -> None:
    assert crypto_words("Chiffré pour Dr Fontaine et son secrétariat", "fr") == []
