"""A case as one file, and back; and what is refused that only looks like one."""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from rai_dash.case import BandCandidate, Case, CaseData, CaseModel, DataRole
from rai_dash.casefile import _archive, holds, left_out, named_only, open_file, opening, pack, unpack
from rai_dash.core.errors import InvalidChoice, RaiError, RefusedModel, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_table
from rai_dash.review.conditions import Condition
from rai_dash.samples import bundled_cases

pytestmark = pytest.mark.usefixtures("reading_here", "models_here")

CSV = b"y;g;age;s\n1;a;30,5;0.9\n0;b;61;0.1\n1;b;?;0.8\n"
OPTIONS = ReadOptions(separator=";", decimal=",", missing={"g": ("-",), "age": ("?",)}, text=("g",))
ROLES = Roles(
    target="y", favourable=("1",), sensitive=("g", "age"), bins={"age": (25.0, 50.0)}, score="s"
)  # fmt: skip
MODEL = b"tree\nnot a real model: loading is faked here"
CONDITIONS = (
    Condition(kind="number", columns=("age",), operator=">", value=60.0, blank_too=False),
    Condition(kind="unseen", categories={"g": ("b", "a"), "age": ()}),
    Condition(kind="out_of_range", ranges={"s": (-math.inf, 0.1 + 0.2), "age": (1.0, math.inf)}),
)


class FakeModel:
    """Stands for a model and its process."""

    made: ClassVar[list[FakeModel]] = []

    def __init__(self, content, model_class, names):
        self.content, self.model_class, self.owner, self.is_closed = content, model_class, None, False
        fingerprint = hashlib.sha256(content).hexdigest()
        self.info = SimpleNamespace(fingerprint=fingerprint, feature_names=tuple(names))
        self.made.append(self)

    def close(self):
        """Note that the process ended."""
        self.is_closed = True


@pytest.fixture
def models_here(monkeypatch):
    """Load models without their process: the real door has its own tests."""
    FakeModel.made = []

    def load(source, *, model_class, feature_names):
        content = source if isinstance(source, bytes) else source.read_bytes()
        if content.startswith(b"bad"):
            msg = "This is no model."
            raise RefusedModel(msg)
        return FakeModel(content, model_class, feature_names)

    monkeypatch.setattr(opening, "load_model", load)


def table(content=CSV, key="data", *, options=OPTIONS, roles=ROLES, title="loans.csv"):
    dataset = read_table(content, name=title, options=options).dataset.with_roles(roles)
    return CaseData(
        key=key, title=title, role=DataRole.PRODUCTION, dataset=dataset, source="uploaded", content=content,
        options=options,
    )  # fmt: skip


def model(content=MODEL, key="m", model_class="yes"):
    kept = FakeModel(content, model_class, ("age", "g"))
    return CaseModel(key=key, title="My model", model=kept, trained_on="data", note="Rebalanced.")


def make(**changes):
    case = Case(
        id="first", title="Köln <loans>", story="A story.", data=(table(),), models=(model(),), default_data="data",
        default_model="m", bands=(BandCandidate(name="wide", band=ReviewBand(None, 0.1 + 0.2, 0.7)),),
        always=CONDITIONS,
    )  # fmt: skip
    return replace(case, **changes)


def manifest_of(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return json.loads(archive.read("manifest.json"))


def zipped(entries, **options):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def forged(packed=None, files=None, **changes):
    """Change the manifest of a packed case, and its files, by hand."""
    packed = packed or pack(make())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        kept = {n: archive.read(n) for n in archive.namelist() if n != "manifest.json"}
    content = manifest_of(packed) | changes
    inside = kept if files is None else files
    return zipped([("manifest.json", json.dumps(content)), *inside.items()])


def refusal(packed):
    with pytest.raises(UnreadableFile) as caught:
        unpack(packed, "x")
    assert caught.value.code == "unreadable_case"
    assert caught.value.message.startswith("The file of this case cannot be opened: ")
    assert "\n" not in caught.value.message
    return caught.value.message


# --- there and back ---


def test_a_case_comes_back_whole_under_another_id():
    case = make()

    back = unpack(pack(case), "second")

    assert (back.id, back.title, back.story) == ("second", "Köln <loans>", "A story.")
    assert (back.default_data, back.default_model, back.bands) == ("data", "m", case.bands)
    (old,), (new,) = case.data, back.data
    assert new.dataset.frame.equals(old.dataset.frame)
    assert (new.dataset.roles, new.dataset.fingerprint) == (ROLES, old.dataset.fingerprint)
    assert (new.key, new.title, new.role, new.source) == (
        "data",
        "loans.csv",
        DataRole.PRODUCTION,
        "uploaded",
    )
    assert (new.content, new.options, new.parts) == (CSV, OPTIONS, ())
    found = back.models[0]
    assert (found.key, found.title, found.trained_on, found.note) == ("m", "My model", "data", "Rebalanced.")
    assert (found.model.content, found.model.model_class) == (MODEL, "yes")
    assert (found.model.info.feature_names, found.model.owner) == (("age", "g"), "second")


def test_conditions_come_back_with_all_they_know_in_their_order():
    back = unpack(pack(make()), "x").always

    assert back == CONDITIONS
    assert list(back[1].categories) == ["g", "age"]
    assert list(back[2].ranges) == ["s", "age"]


def test_the_file_holds_the_uploads_byte_for_byte_and_can_be_read_without_the_app():
    with zipfile.ZipFile(io.BytesIO(pack(make()))) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
        dates = {entry.date_time for entry in archive.infolist()}

    digests = {hashlib.sha256(content).hexdigest(): content for content in (CSV, MODEL)}
    assert set(files) == {"manifest.json", *(f"files/{d}" for d in digests)}
    assert all(files[f"files/{d}"] == content for d, content in digests.items())
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    content = json.loads(files["manifest.json"])
    assert content["schema"] == "rai-dash/case/1"
    assert content["data"][0]["roles"]["bins"] == {"age": [25.0, 50.0]}
    assert content["bands"] == [{"name": "wide", "lo": None, "threshold": 0.30000000000000004, "hi": 0.7}]
    assert "30,5" not in files["manifest.json"].decode()


def test_equal_cases_give_equal_bytes_whatever_the_id_and_the_order_in_which_they_were_built():
    first = make()
    turned = replace(OPTIONS, missing=dict(reversed(OPTIONS.missing.items())))
    second = make(id="another", data=(table(options=turned),))
    bins = {"age": (25.0, 50.0), "s": (0.5,)}
    binned, other = (table(roles=ROLES.with_(bins=b)) for b in (bins, {"s": bins["s"], "age": bins["age"]}))

    assert pack(first) == pack(second)
    assert pack(make(data=(binned,))) == pack(make(data=(other,))) != pack(first)
    assert pack(unpack(pack(first), "third")) == pack(first)
    assert pack(first) != pack(make(title="other"))


def test_a_file_that_serves_twice_is_in_it_once():
    both = make(data=(table(), table(key="again")), models=())

    packed = pack(both)

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert len(archive.namelist()) == 2
    assert [d.key for d in unpack(packed, "x").data] == ["data", "again"]


# --- what is named and not copied ---


def test_a_bundled_case_is_named_and_shares_its_tables_and_models(monkeypatch):
    sample = bundled_cases()["story"]
    first = sample.datasets[0]
    dataset = replace(table().dataset, fingerprint=first.sha256)
    shown = CaseData(key="t", title="Bundled", role=DataRole.TRAINING, dataset=dataset, source="S")
    shared = model(sample.models[0].path.read_bytes(), "m0")
    bundle = Case(id="story", title="Story", data=(shown,), models=(shared,))
    monkeypatch.setattr(opening, "open_bundled", lambda _, case_id: replace(bundle, id=case_id))
    mine = replace(shown, key="mine", dataset=dataset.with_roles(ROLES.with_(sensitive=("g",))))

    packed = pack(Case(id="story.1", title="Story", data=(mine,), models=(shared,)))
    back = unpack(packed, "story.1")

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["manifest.json"]
    assert manifest_of(packed)["data"][0]["sample"] == "story"
    assert back.data[0].dataset.frame is dataset.frame
    assert (back.data[0].key, back.data[0].dataset.roles.sensitive) == ("mine", ("g",))
    assert back.data[0].content is None
    assert back.models[0].model is shared.model
    assert shared.model.owner is None

    other_class = unpack(
        pack(Case(id="s", title="S", data=(mine,), models=(model(shared.model.content, "m0", "no"),))), "x"
    )
    assert other_class.models[0].model.model_class == "no"
    assert other_class.models[0].model.owner == "x"

    changed = [manifest_of(packed)["data"][0] | {"fingerprint": "0" * 64}]
    assert "is not the same any more" in refusal(forged(packed, data=changed))
    unknown = [manifest_of(packed)["data"][0] | {"sample": "nothing"}]
    assert "is not the same any more" in refusal(forged(packed, data=unknown))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "folder"
    made.mkdir()
    (made / "big.csv").write_bytes(CSV)
    monkeypatch.setenv("RAI_DASH_DATA_FOLDER", str(made))
    get_settings.cache_clear()
    yield made
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_file_of_the_operators_folder_is_named_and_has_to_be_the_same(folder):
    item = replace(table(), content=folder / "big.csv")
    packed = pack(make(data=(item,), models=()))

    assert manifest_of(packed)["data"][0]["folder"] == "big.csv"
    assert str(folder) not in json.dumps(manifest_of(packed))
    assert unpack(packed, "x").data[0].content == folder / "big.csv"

    (folder / "big.csv").write_bytes(CSV + b"0;b;1;0.1\n")
    assert "not the same any more" in refusal(packed)
    (folder / "big.csv").unlink()
    assert "not in the folder" in refusal(packed)


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "/etc/passwd", "sub/x.csv", "..", ".", "", ".hidden", "link.csv", "a\\b", "a\0b"],
)
def test_nothing_outside_the_folder_is_reached_by_a_name(folder, name):
    secret = folder.parent / "secret.csv"
    secret.write_bytes(CSV)
    (folder / ".hidden").write_bytes(CSV)
    (folder / "link.csv").symlink_to(secret)
    (folder / "sub").mkdir()
    (folder / "sub" / "x.csv").write_bytes(CSV)
    item = manifest_of(pack(make(models=())))["data"][0]
    place = {"file": None, "folder": name}

    packed = forged(pack(make(models=())), {}, data=[item | place])

    assert "is not in the folder" in refusal(packed)


def test_data_without_a_file_are_left_out_and_named():
    lost = replace(table(key="lost", title="a|b`c"), content=None)
    elsewhere = replace(table(key="far"), content=Path("/somewhere/far.csv"))
    case = make(data=(lost, table(), elsewhere), default_data="lost")

    assert [text.split("`")[1] for text in left_out(case)] == ["a|b", "loans.csv"]
    back = unpack(pack(case), "x")
    assert ([d.key for d in back.data], back.default_data) == (["data"], "")
    with pytest.raises(InvalidChoice, match="no data that can be kept"):
        pack(make(data=(lost,)))
    assert left_out(make()) == ()


# --- what cannot be packed ---


def test_a_case_that_could_not_be_opened_again_is_not_packed(monkeypatch):
    monkeypatch.setenv("RAI_DASH_MAX_EXPANDED_MB", "1")
    get_settings.cache_clear()
    try:
        big = model(b"tree" + b"x" * 2**20)
        with pytest.raises(InvalidChoice, match="1 MB together"):
            pack(make(models=(big,)))
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


@pytest.mark.parametrize("title", ["x" * 2001, "half \ud800 a character"])
def test_a_title_that_cannot_be_written_is_told_with_its_place(title):
    with pytest.raises(InvalidChoice, match="cannot be kept: `title`"):
        pack(make(title=title))


# --- hostile files ---


def test_what_is_no_archive_or_a_damaged_one_is_refused():
    whole = pack(make())
    for packed in (b"", b"PK", CSV, whole[:-1], whole[:200], whole + b"more", b"\0" * 100):
        refusal(packed)
    refusal(whole[: len(whole) // 2] + whole[len(whole) // 2 + 1 :])


def opened(packed):
    """Return the table in a packed case; None where it is refused in a sentence."""
    try:
        return unpack(packed, "x").data[0].content
    except RaiError:
        return None


def test_a_changed_byte_anywhere_is_refused_or_means_nothing():
    whole = pack(make())
    found = []
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        found.append(opened(bytes(damaged)))

    assert set(found) <= {None, CSV}
    assert found.count(None) > len(found) / 2


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.py",
        "/etc/cron.d/evil",
        "files/../evil",
        "files/abc",
        "C:\\evil",
        f"files/{'A' * 64}",
        "files/",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    whole = pack(make())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entries = [(n, archive.read(n)) for n in archive.namelist()]

    assert "does not belong to a case" in refusal(zipped([*entries, (name, b"x")]))


def test_a_name_that_stands_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed = zipped([("manifest.json", b"{}"), ("manifest.json", b"{}")])

    assert "twice" in refusal(packed)


@pytest.mark.parametrize(
    "bomb", [{"files/" + "0" * 64: 3}, {"manifest.json": 9}, {f"files/{i:064x}": 1 for i in range(3)}]
)
def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch, bomb):
    monkeypatch.setenv("RAI_DASH_MAX_EXPANDED_MB", "2" if "manifest.json" not in bomb else "100")
    get_settings.cache_clear()
    monkeypatch.setattr(_archive, "_unpacked", lambda *_: pytest.fail("it was unpacked"))
    try:
        packed = zipped((name, b"\0" * (mb * 2**20)) for name, mb in bomb.items())
        assert len(packed) < 20_000
        assert "would unpack to more" in refusal(packed)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def test_a_file_that_is_longer_than_it_says_is_refused():
    """The size in the directory is a lie: no more than that is unpacked, and the checksum tells."""
    name, content = b"files/" + b"0" * 64, b"\0" * 2**20
    packed = bytearray(zipped([("manifest.json", b"{}"), (name.decode(), content)]))
    at = packed.rindex(b"PK\x01\x02")
    struct.pack_into("<L", packed, at + 24, 10)

    assert "damaged" in refusal(bytes(packed))


def test_an_endless_directory_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(_archive.zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    many = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 10**6, 0, 0)
    hidden = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 50, 0, 0
    )
    comment = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 50, 0, 1)

    for end in (many, hidden, comment):
        assert "more files than a case has" in refusal(b"\0" * 100 + end)


def test_a_locked_file_or_another_way_of_packing_is_refused():
    whole = bytearray(pack(make()))
    at = whole.rindex(b"PK\x01\x02")
    locked, packed_oddly = bytearray(whole), bytearray(whole)
    struct.pack_into("<H", locked, at + 8, 1)
    struct.pack_into("<H", packed_oddly, at + 10, zipfile.ZIP_LZMA)

    assert "locked or packed" in refusal(bytes(locked))
    assert "locked or packed" in refusal(bytes(packed_oddly))


def test_a_file_that_is_not_what_its_name_says_is_refused():
    names = [f"files/{hashlib.sha256(c).hexdigest()}" for c in (CSV, MODEL)]

    swapped = forged(files={names[0]: MODEL, names[1]: CSV})

    assert "not the one that it is named after" in refusal(swapped)


def test_files_and_list_must_agree():
    csv = {f"files/{hashlib.sha256(CSV).hexdigest()}": CSV}
    extra = {f"files/{hashlib.sha256(b'more').hexdigest()}": b"more"}

    assert "not those that it lists" in refusal(forged(files=csv))
    assert "not those that it lists" in refusal(forged(pack(make(models=())), csv | extra))


def test_another_table_under_the_old_fingerprint_is_refused():
    other = CSV.replace(b"0.9", b"0.2")
    digest = hashlib.sha256(other).hexdigest()
    packed = pack(make(models=()))
    item = manifest_of(packed)["data"][0]

    forgery = forged(packed, {f"files/{digest}": other}, data=[item | {"file": digest}])

    assert "`loans.csv` is not the same any more" in refusal(forgery)


@pytest.mark.parametrize("schema", ["rai-dash/case/2", "", "rai-dash/policy/1"])
def test_another_version_is_refused_with_the_way_out(schema):
    assert "update the app first" in refusal(forged(schema=schema, more={"x": 1}))


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"schema": "rai-dash/case/1"}',
        b"[" * 100_000,
        b'{"schema": NaN}',
        b"\xff",
    ],
)
def test_a_manifest_that_is_none_is_refused(manifest):
    refusal(zipped([("manifest.json", manifest)]))


def test_an_archive_without_manifest_is_refused():
    assert "has no manifest.json" in refusal(zipped([]))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"more": 1}, "`more`"),
        ({"data": []}, "`data`"),
        ({"title": 5}, "`title`"),
        ({"default_data": "nobody"}, "none of them"),
        ({"default_model": "nobody"}, "none of them"),
        ({"bands": [{"name": "b", "lo": 0.9, "threshold": 0.5, "hi": 0.7}]}, "low <= threshold <= high"),
        ({"bands": [{"name": "b", "lo": 0.1, "threshold": 7, "hi": None}]}, "leaves 0 to 1"),
        ({"bands": [{"name": str(i), "lo": 0, "threshold": 0, "hi": 0} for i in range(13)]}, "`bands`"),
        ({"always": [{"kind": "number", "evil": 1}]}, "`always.0.evil`"),
    ],
)  # fmt: skip
def test_a_manifest_with_a_wrong_part_says_which(changes, where):
    assert where in refusal(forged(**changes))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"role": "boss"}, "role"),
        ({"key": ""}, "key"),
        ({"fingerprint": "xyz"}, "fingerprint"),
        ({"sample": "story"}, "exactly one"),
        ({"file": None}, "exactly one"),
    ],
)
def test_a_data_set_with_a_wrong_part_is_refused(changes, where):
    item = manifest_of(pack(make()))["data"][0]

    assert where in refusal(forged(data=[item | changes]))
    assert "twice" in refusal(forged(data=[item, item]))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("roles", {"target": "nothing"}, "nothing"),
        ("roles", {"evil": 1}, "not a role"),
        ("roles", {"target": "y", "features": ["y"]}, "outcome"),
        ("roles", {"target": ["y"]}, "name of one column"),
        ("options", {"encoding": "rot13"}, "encoding"),
        ("options", {"evil": 1}, "not the same any more"),
        ("options", {"missing": 5}, "options for reading"),
    ],
)
def test_roles_and_options_go_through_the_doors_of_an_upload(field, value, says):
    item = manifest_of(pack(make()))["data"][0]

    with pytest.raises(RaiError, match=says):
        unpack(forged(data=[item | {field: value}]), "x")


def test_a_condition_that_makes_no_sense_is_refused_in_its_own_words():
    with pytest.raises(InvalidChoice, match="no condition of the kind"):
        unpack(forged(always=[{"kind": "nonsense"}]), "x")


def test_where_one_model_is_refused_the_processes_of_the_others_end():
    case = make(models=(model(), model(b"bad model", "bad")))
    packed = pack(case)
    FakeModel.made.clear()

    with pytest.raises(RefusedModel):
        unpack(packed, "x")

    assert [m.is_closed for m in FakeModel.made] == [True]


# --- what was looked at ---


def test_what_was_looked_at_comes_along_and_a_file_without_it_has_the_bytes_of_before():
    case = make()
    packed = pack(case, view={"threshold": "0.6", "by": "g"})

    found = open_file(packed, "second")

    assert dict(found.view) == {"by": "g", "threshold": "0.6"}
    assert found.case.id == "second"
    assert pack(case, view={"by": "g", "threshold": "0.6"}) == packed
    assert open_file(pack(case), "x").view == {}
    assert "view" not in manifest_of(pack(case))
    assert pack(case, view={}) == pack(case)


@pytest.mark.parametrize(
    "view",
    [
        {"<script>": "x"}, {"by": 1}, {"by": None}, {"by": "x" * 501}, {"a" * 41: "x"}, {"": "x"}, ["by"], "by",
        {f"{'k' * (i % 40 + 1)}_{'abcdefghij'[i // 40]}": "x" for i in range(201)},
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_the_file(view):
    assert "`view" in refusal(forged(view=view))


def test_a_manifest_that_is_nested_without_end_is_refused():
    deep = "[" * 100_000 + "]" * 100_000
    whole = manifest_of(pack(make()))
    text = json.dumps(whole)[:-1] + f', "story": {deep}}}'
    packed = zipped([("manifest.json", text)])

    refusal(packed)


def test_data_that_lie_elsewhere_are_named_before_the_file_is_written(folder):
    item = replace(table(), content=folder / "big.csv")

    (said,) = named_only(make(data=(item,)))

    assert "`loans.csv` lie on this server and are only named" in said
    assert named_only(make()) == ()
    assert holds(make(data=(item,)), "data")
    assert not holds(make(data=(replace(table(), content=None),)), "data")
