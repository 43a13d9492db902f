"""Every rule of the check with a PDF that breaks it and nothing else (documents.md DOC-2.1 to DOC-2.5)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Stream, String

from record_bridge.errors import RecordError
from record_bridge.pdf.check import is_pdf, reason, verify
from record_bridge.pdf.letter import letter
from tests.record_bridge.pdf.conftest import Bend, a_letter, bent, saved


def refusal(octets: bytes) -> tuple[str, object]:
    with pytest.raises(RecordError) as refused:
        verify(octets)
    return refused.value.id, refused.value.facts.get("rule")


def root(**values: object) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        for key, value in values.items():
            pdf.Root[f"/{key}"] = value

    return bend


def indirect(make: Callable[[pikepdf.Pdf], object]) -> Bend:
    """An object of its own, hanging on the first page."""

    def bend(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/PieceInfo"] = pdf.make_indirect(make(pdf))

    return bend


def content(instructions: bytes) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(pdf.make_stream(instructions))

    return bend


def annotation(**values: object) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        held = {"Type": Name.Annot, "Subtype": Name.Text, "F": 4, "Rect": Array([0, 0, 1, 1])}
        held |= values
        pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(Dictionary(**held))])

    return bend


def image(**values: object) -> Bend:
    def make(pdf: pikepdf.Pdf) -> Stream:
        stream = pdf.make_stream(b"\0")
        held = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1, "BitsPerComponent": 8}
        for key, value in ({"ColorSpace": Name.DeviceGray} | held | values).items():
            stream[f"/{key}"] = value
        return stream

    return indirect(make)


def form(**values: object) -> Bend:
    def make(pdf: pikepdf.Pdf) -> Stream:
        stream = pdf.make_stream(b"q Q")
        for key, value in ({"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 1, 1])} | values).items():
            stream[f"/{key}"] = value
        return stream

    return indirect(make)


def state(**values: object) -> Bend:
    return indirect(lambda pdf: Dictionary(Type=Name.ExtGState, **values))


def action(**values: object) -> Bend:
    return annotation(Subtype=Name.Link, A=Dictionary(**values))


def cid_font(change: Callable[[pikepdf.Object], None]) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].Resources.Font.values():
            change(font)
            return

    return bend


def without(holder: Callable[[pikepdf.Object], pikepdf.Object], key: str) -> Callable[[pikepdf.Object], None]:
    def change(font: pikepdf.Object) -> None:
        del holder(font)[key]

    return change


def descriptor(font: pikepdf.Object) -> pikepdf.Object:
    return font.DescendantFonts[0].FontDescriptor


def external(pdf: pikepdf.Pdf) -> Stream:
    stream = pdf.make_stream(b"")
    stream["/F"] = String("elsewhere.bin")
    return stream


def coded(*names: Name) -> Callable[[pikepdf.Pdf], Stream]:
    def make(pdf: pikepdf.Pdf) -> Stream:
        stream = Stream(pdf, b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")
        stream["/Filter"] = Array(names)
        return stream

    return make


def packet(change: Callable[[bytes], bytes]) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Metadata.write(change(pdf.Root.Metadata.read_bytes()))

    return bend


def profile(change: Callable[[bytearray], None]) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        stream = pdf.Root.OutputIntents[0].DestOutputProfile
        octets = bytearray(stream.read_bytes())
        change(octets)
        stream.write(bytes(octets))

    return bend


def put(offset: int, octets: bytes) -> Callable[[bytearray], None]:
    def change(held: bytearray) -> None:
        held[offset : offset + len(octets)] = octets

    return change


def second_intent(pdf: pikepdf.Pdf) -> None:
    first = pdf.Root.OutputIntents[0]
    other = Dictionary(first)
    other.DestOutputProfile = pdf.make_stream(first.DestOutputProfile.read_bytes(), N=3)
    pdf.Root.OutputIntents.append(other)


def info(**values: str) -> Bend:
    def bend(pdf: pikepdf.Pdf) -> None:
        for key, value in values.items():
            pdf.docinfo[f"/{key}"] = String(value)

    return bend


BROKEN: dict[str, tuple[str, Bend]] = {
    "a filter that PDF/A forbids": ("6.1.10", indirect(coded(Name.LZWDecode))),
    "a picture coding newer than PDF 1.4": ("6.1.10", indirect(coded(Name.JPXDecode))),
    "a stream kept outside the file": ("6.1.7", indirect(external)),
    "an embedded file": ("6.1.11", indirect(lambda pdf: Dictionary(Type=Name.Filespec, EF=Dictionary()))),
    "a name tree of embedded files": ("6.1.11", root(Names=Dictionary(EmbeddedFiles=Dictionary()))),
    "layers that can be hidden": ("6.1.13", root(OCProperties=Dictionary())),
    "no output intent": ("6.2.3", lambda pdf: pdf.Root.__delitem__("/OutputIntents")),
    "an output intent without profile": (
        "6.2.2",
        lambda pdf: pdf.Root.OutputIntents[0].__delitem__("/DestOutputProfile"),
    ),
    "two output intents": ("6.2.2", second_intent),
    "a profile that is none": ("6.2.2", profile(put(36, b"none"))),
    "a profile of version 4": ("6.2.2", profile(put(8, b"\x04"))),
    "a profile of a scanner": ("6.2.2", profile(put(12, b"scnr"))),
    "a profile of another space": ("6.2.2", profile(put(16, b"GRAY"))),
    "CMYK under an RGB intent": ("6.2.3", content(b"0 0 0 1 k")),
    "a CMYK space by name": ("6.2.3", content(b"/DeviceCMYK cs")),
    "a CMYK image": ("6.2.3", image(ColorSpace=Name.DeviceCMYK)),
    "an indexed CMYK image": ("6.2.3", image(ColorSpace=Array([Name.Indexed, Name.DeviceCMYK, 0, String("abcd")]))),
    "a CMYK image in the text": ("6.2.3", content(b"BI /W 1 /H 1 /BPC 8 /CS /CMYK ID abcd EI")),
    "an image with an alternate": ("6.2.4", image(Alternates=Array())),
    "an image smoothed by the reader": ("6.2.4", image(Interpolate=True)),
    "a smoothed image in the text": ("6.2.4", content(b"BI /W 1 /H 1 /BPC 8 /CS /G /I true ID a EI")),
    "a form with PostScript": ("6.2.5", form(PS=Dictionary())),
    "a form that stands for another file": ("6.2.6", form(Ref=Dictionary())),
    "a PostScript object": ("6.2.7", form(Subtype=Name.PS)),
    "a transfer function": ("6.2.8", state(TR=Name.Identity)),
    "a second transfer function": ("6.2.8", state(TR2=Name.Identity)),
    "an unknown rendering intent": ("6.2.9", content(b"/Fancy ri")),
    "an unknown rendering intent of an image": ("6.2.9", image(Intent=Name.Fancy)),
    "an unknown rendering intent of a state": ("6.2.9", state(RI=Name.Fancy)),
    "an unknown operator": ("6.2.10", content(b"1 2 xyzzy")),
    "an unknown operator in a form": ("6.2.10", indirect(lambda pdf: pdf.make_stream(b"xyzzy", Subtype=Name.Form))),
    "a font that is not embedded": ("6.3.4", cid_font(without(descriptor, "/FontFile2"))),
    "a font of the reader's": (
        "6.3.4",
        indirect(lambda pdf: Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)),
    ),
    "a subset without its list of characters": ("6.3.5", cid_font(without(descriptor, "/CIDSet"))),
    "a font without glyph map": ("6.3.3", cid_font(without(lambda font: font.DescendantFonts[0], "/CIDToGIDMap"))),
    "a character map of the reader's": (
        "6.3.3",
        cid_font(lambda font: font.__setitem__("/Encoding", Name("/UniJIS-UCS2-H"))),
    ),
    "a soft mask": ("6.4", image(SMask=Dictionary())),
    "a soft mask of a state": ("6.4", state(SMask=Dictionary())),
    "a half transparent fill": ("6.4", state(ca=0.5)),
    "a half transparent line": ("6.4", state(CA=0.5)),
    "a blend mode": ("6.4", state(BM=Name.Multiply)),
    "a transparency group": ("6.4", form(Group=Dictionary(S=Name.Transparency))),
    "a film": ("6.5.2", annotation(Subtype=Name.Movie)),
    "an attachment on the page": ("6.5.2", annotation(Subtype=Name.FileAttachment)),
    "a hidden note": ("6.5.3", annotation(F=6)),
    "a note that does not print": ("6.5.3", annotation(F=0)),
    "a half transparent note": ("6.5.3", annotation(CA=0.5)),
    "a note that changes under the pointer": ("6.5.3", annotation(AP=Dictionary(N=Dictionary(), D=Dictionary()))),
    "no metadata": ("6.7.2", lambda pdf: pdf.Root.__delitem__("/Metadata")),
    "metadata that is no XML": ("6.7.2", packet(lambda octets: octets[:-40])),
    "metadata with a document type": ("6.7.2", packet(lambda octets: b'<!DOCTYPE x [<!ENTITY a "b">]>' + octets)),
    "another title than in Info": ("6.7.3", info(Title="Ordonnance")),
    "another author than in Info": ("6.7.3", info(Author="Dr Personne")),
    "another tool than in Info": ("6.7.3", info(Creator="Autre")),
    "another date than in Info": ("6.7.3", info(CreationDate="D:20200101000000Z")),
    "a date that is none": ("6.7.3", info(ModDate="hier")),
    "another standard": ("6.7.11", packet(lambda octets: octets.replace(b"part>1<", b"part>3<"))),
    "another level": ("6.7.11", packet(lambda octets: octets.replace(b"conformance>B<", b"conformance>U<"))),
    "a form that the reader draws": ("6.9", root(AcroForm=Dictionary(NeedAppearances=True, Fields=Array()))),
    "a form of another standard": ("6.9", root(AcroForm=Dictionary(XFA=Array(), Fields=Array()))),
}

ACTS: dict[str, Bend] = {
    "a script of the document": root(Names=Dictionary(JavaScript=Dictionary())),
    "a script when it opens": root(OpenAction=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))),
    "a script of a link": action(S=Name.JavaScript, JS=String("1")),
    "a program of a link": action(S=Name.Launch, F=String("/bin/sh")),
    "a form that is emptied": action(S=Name.ResetForm),
    "data that are fetched": action(S=Name.ImportData, F=String("x.fdf")),
    "a film that plays": action(S=Name.Rendition),
    "another attached document": action(S=Name.GoToE),
    "an unknown named action": action(Type=Name.Action, S=Name.Named, N=Name.Print),
    "an action in a chain": action(Type=Name.Action, S=Name.GoTo, Next=Dictionary(S=Name.Launch)),
    "an action of the page": lambda pdf: pdf.pages[0].obj.__setitem__("/AA", Dictionary()),
    "an action of the document": root(AA=Dictionary()),
    "a script that nothing refers to": lambda pdf: pdf.Root.__setitem__(
        "/Spare", pdf.make_indirect(Array([Array([Dictionary(S=Name.JavaScript, JS=String("1"))])]))
    ),
}


def test_the_control_passes(sound: bytes) -> None:
    assert verify(bent(sound, lambda pdf: None)).pages == 1


def test_doc_2_1_a_level_a_document_and_an_equal_info_pass(sound: bytes) -> None:
    verify(bent(sound, packet(lambda octets: octets.replace(b"conformance>B<", b"conformance>A<"))))
    verify(
        bent(
            sound,
            info(
                Title="Compte rendu de télé-expertise",
                Author="Dr Hélène FONTAINE",
                CreationDate="D:20260301100000+01'00'",
                ModDate="D:20260301090000Z",
            ),
        )
    )


@pytest.mark.parametrize("fault", BROKEN)
def test_doc_2_2_a_broken_rule_is_named(sound: bytes, fault: str) -> None:
    rule, bend = BROKEN[fault]
    assert refusal(bent(sound, bend)) == ("pdf-not-archivable", rule)


@pytest.mark.parametrize("fault", ACTS)
def test_doc_2_3_what_acts_is_refused_as_such(sound: bytes, fault: str) -> None:
    assert refusal(bent(sound, ACTS[fault])) == ("pdf-active", None)


def test_6_1_2_a_header_without_binary_comment(sound: bytes) -> None:
    assert refusal(sound.replace(sound[8:14], b"\n%abcd", 1)) == ("pdf-not-archivable", "6.1.2")


def test_6_7_2_metadata_under_a_filter(sound: bytes) -> None:
    assert refusal(sound.replace(b"/Subtype /XML", b"/Filter []   ", 1)) == ("pdf-not-archivable", "6.7.2")


def test_6_1_3_octets_after_the_end(sound: bytes) -> None:
    assert refusal(sound + b"\nmore") == ("pdf-not-archivable", "6.1.3")


def test_6_1_3_no_identifier(sound: bytes) -> None:
    assert refusal(sound.replace(b"/ID [", b"/IX [", 1)) == ("pdf-not-archivable", "6.1.3")


def test_6_1_4_objects_packed_into_streams(sound: bytes) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, fix_metadata_version=False)
    assert refusal(out.getvalue()) == ("pdf-not-archivable", "6.1.4")


@pytest.mark.parametrize("password", ["", "secret"])
def test_6_1_3_a_protected_document(sound: bytes, password: str) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=password))
    assert refusal(out.getvalue()) == ("pdf-protected", None)


def test_doc_2_4_a_content_that_swells(sound: bytes) -> None:
    def bend(pdf: pikepdf.Pdf) -> None:
        machine = zlib.compressobj(9)
        swollen = b"".join(machine.compress(b" " * 1_000_000) for _ in range(40)) + machine.flush()
        pdf.pages[0].obj.Contents.write(swollen, filter=Name.FlateDecode)

    assert refusal(bent(sound, bend))[0] == "pdf-too-large"


def test_doc_2_4_a_gigantic_file(sound: bytes) -> None:
    with pytest.raises(RecordError, match="pdf-too-large"):
        verify(sound, limit=len(sound) - 1)


def test_doc_2_4_nested_beyond_reason() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    octets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + deep + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    assert refusal(octets) == ("pdf-unreadable", None)


@pytest.mark.parametrize("octets", [b"", b"%PDF-1.4", b"PK\x03\x04", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + b"\0" * 100])
def test_doc_2_4_what_is_no_pdf(octets: bytes) -> None:
    assert refusal(octets) == ("pdf-unreadable", None)


def test_doc_2_4_a_cut_document(sound: bytes) -> None:
    assert {refusal(sound[: len(sound) // n])[0] for n in (2, 3, 10)} == {"pdf-unreadable"}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_doc_2_4_a_garbled_document_is_refused_or_sound_never_a_crash(changes: list[tuple[int, int]]) -> None:
    octets = bytearray(_LETTER)
    for place, value in changes:
        octets[place % len(octets)] = value
    assert (reason(bytes(octets)) or "pdf-").startswith("pdf-")


_LETTER = letter(a_letter())


def test_doc_2_5_is_pdf_goes_by_the_first_octets(sound: bytes) -> None:
    assert is_pdf(sound)
    assert is_pdf(b"\xef\xbb\xbf%PDF-1.7")
    assert not is_pdf(b"")
    assert not is_pdf(b"<html>%PDF-")


def test_doc_2_5_a_plain_pdf_has_a_reason(sound: bytes) -> None:
    plain = pikepdf.new()
    plain.add_blank_page()
    assert reason(saved(plain)) == "pdf-not-archivable"
    assert reason(bent(sound, ACTS["a program of a link"])) == "pdf-active"
    assert reason(sound) is None
