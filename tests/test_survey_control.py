"""The city's control of checking, and the desk's own checks beside the scheme's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import code_of

from survey import cells, control, controlfile, enrolment, localchecks, signing, upgrade
from survey import scheme as schemes
from survey import store as stores
from survey.checks import compile_checks, sentence
from survey.enrolment import ABOVE
from survey.errors import SchemeError, SurveyError
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

WHY = "该单位集团内结算，口径经核实不同"
TODAY = "2020-01-01"


def fill(store: Store) -> int:
    """A unit that fails F01, class A."""
    unit = cells.add_unit(store, code_of(1), "演示数据一", "2025")
    store.execute("UPDATE unit SET district = '440305' WHERE id = ?", (unit,))
    answers = {"district": "440305", "segment": "design", "backbone": 1, "revenue": 5, "main_revenue": 9}
    for name, value in answers.items():
        cells.write(store, unit, "2025", name, value)
    return unit


@pytest.fixture
def desks(tmp_path: Path, small: Scheme) -> Iterator[tuple[Store, Store]]:
    """The city's file and a district's, each with the same failing unit."""
    city = stores.create(tmp_path / "city.census", small, "2025", None)
    district = stores.create(tmp_path / "district.census", small, "2025", "440305")
    for store in (city, district):
        fill(store)
    yield city, district
    city.close()
    district.close()


def category(store: Store, check: str) -> str:
    found = compile_checks(store.scheme, "2025").by_code.get(check)
    return found.check.category if found else ""


def status(store: Store) -> str:
    Review(store, "2025").run()
    return str(store.execute("SELECT status FROM response WHERE period = '2025'").fetchone()[0])


def refusal(work: object) -> str:
    with pytest.raises(SurveyError) as caught:
        work()  # type: ignore[operator]
    return caught.value.code


def test_a_check_that_is_switched_off_is_not_asked(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    assert status(city) == "errors"
    control.rule(city, "F01", "off", TODAY, official="王", reason=WHY)
    assert category(city, "F01") == ""
    assert status(city) == "checked"
    control.lift(city, "F01", TODAY)
    assert category(city, "F01") == "A"
    assert status(city) == "errors"


def test_a_check_takes_another_class_from_its_day_on(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, _ = desks
    control.rule(city, "F01", "C", TODAY, official="王", reason=WHY)
    control.rule(city, "F01", "D", "2999-01-01", official="王", reason=WHY)
    assert category(city, "F01") == "C"
    control.rule(city, "F01", "B", "2021-01-01", official="王", reason=WHY)
    assert category(city, "F01") == "B"
    assert len(control.rulings(city)) == 3
    again = stores.open(tmp_path / "city.census")
    assert category(again, "F01") == "B"


def test_what_an_item_implies_can_be_ruled_on_too(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    control.rule(city, "REQ-T-02.301", "D", TODAY, official="王", reason=WHY)
    assert category(city, "REQ-T-02.301") == "D"


def test_an_exempted_unit_does_not_block(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    assert status(city) == "errors"
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    assert status(city) == "checked"
    tally = Results(city, "2025").tallies(compile_checks(city.scheme, "2025"))["F01"]
    assert (tally.failed, tally.answered) == (1, 1)
    control.unexempt(city, code_of(1), "F01", "2025")
    assert status(city) == "errors"


def test_the_signed_list_travels_to_the_district(desks: tuple[Store, Store], tmp_path: Path, texts: Texts) -> None:
    city, district = desks
    control.rule(city, "F02", "off", TODAY, official="王", reason=WHY)
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    signed = control.sign_off(city, tmp_path / "c.json", official="王处长")
    assert status(district) == "errors"
    adopted = control.adopt(district, tmp_path / "c.json", who="张")
    assert adopted == signed
    assert status(district) == "checked"
    assert category(district, "F02") == ""
    assert district.desk["control_number"] == "1"
    assert district.execute("SELECT kind, who FROM source WHERE kind = 'control'").fetchall() == [("control", "张")]
    (said,) = control.exemption_texts(district, "2025", texts).values()
    assert said.text.startswith("市级豁免（王，")
    assert WHY in said.text


def test_a_later_list_takes_the_place_of_the_one_before(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    control.sign_off(city, tmp_path / "1.json", official="王")
    control.unexempt(city, code_of(1), "F01", "2025")
    control.sign_off(city, tmp_path / "2.json", official="王")
    control.adopt(district, tmp_path / "1.json")
    assert status(district) == "checked"
    control.adopt(district, tmp_path / "2.json")
    assert status(district) == "errors"
    assert control.exemptions(district) == []
    assert refusal(lambda: control.adopt(district, tmp_path / "1.json")) == "control_older"


def test_a_list_that_was_changed_or_is_none_is_refused(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    control.rule(city, "F02", "off", TODAY, official="王", reason=WHY)
    path = tmp_path / "c.json"
    control.sign_off(city, path, official="王")
    facts = json.loads(path.read_text("utf-8"))
    for code, change in {
        "control_changed": {"rulings": [facts["rulings"][0] | {"check": "F01"}]},
        "control_newer": {"format_version": "2"},
        "not_a_control_list": {"rulings": [{"check": "F01"}]},
    }.items():
        path.write_text(json.dumps(facts | change), "utf-8")
        assert refusal(lambda: control.adopt(district, path)) == code
    for text in ("", "[]", "{}", '"x"', "\u4e2d"):
        path.write_text(text, "utf-8")
        assert refusal(lambda: control.adopt(district, path)) == "not_a_control_list"
    path.write_bytes(b"\xff\xfe\x00")
    assert refusal(lambda: control.adopt(district, path)) == "not_a_control_list"
    assert refusal(lambda: control.adopt(district, tmp_path / "none.json")) == "no_file"
    assert control.rulings(district) == []


@pytest.fixture
def signed(desks: tuple[Store, Store], tmp_path: Path) -> Path:
    """A list with a ruling and an exemption, as the city signed it off."""
    city, _ = desks
    control.rule(city, "F02", "off", TODAY, official="王", reason=WHY)
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    control.sign_off(city, tmp_path / "c.json", official="王")
    return tmp_path / "c.json"


def digest_of(facts: dict[str, Any]) -> str:
    """The digest as whoever made the list up would have written it."""
    said = {key: facts[key] for key in facts if key not in controlfile._HEAD}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


WRONG_HEADS: dict[str, dict[str, Any]] = {
    "number a text": {"number": "1"},
    "number a truth": {"number": True},
    "number a fraction": {"number": 1.5},
    "number none": {"number": 0},
    "number too large": {"number": 1_000_001},
    "official blank": {"official": " "},
    "official no text": {"official": ["王"]},
    "official half a character": {"official": "王\ud800"},
    "official turns the reading": {"official": "王\u202e处"},
    "official too long": {"official": "王" * 2001},
    "scheme no text": {"scheme": None},
    "at blank": {"at": ""},
    "more than there is": {"remark": "x"},
    "rulings no list": {"rulings": {}},
    "rulings of texts": {"rulings": ["F01"]},
    "version a number": {"format_version": 1},
}
WRONG_RULINGS: dict[str, dict[str, Any]] = {
    "action unknown": {"action": "Z"},
    "action a list": {"action": []},
    "day another way": {"valid_from": "20200101"},
    "day none": {"valid_from": "2020-02-30"},
    "day a number": {"valid_from": 20200101},
    "check blank": {"check": ""},
    "check a table": {"check": {}},
    "official blank": {"official": ""},
    "reason blank": {"reason": ""},
    "reason with a line": {"reason": "一\n二"},
    "at a number": {"at": 5},
    "more than there is": {"remark": "x"},
}
WRONG_EXEMPTIONS: dict[str, dict[str, Any]] = {
    "period none": {"period": "2025Q5"},
    "period of other digits": {"period": "20\u0662\u0665"},
    "unit blank": {"uscc": ""},
    "unit a number": {"uscc": 1},
    "check blank": {"check": " "},
    "reason blank": {"reason": ""},
    "official blank": {"official": ""},
}


@pytest.mark.parametrize(
    ("key", "change"),
    [
        *(pytest.param("", change, id=name) for name, change in WRONG_HEADS.items()),
        *(pytest.param("rulings", change, id=f"ruling {name}") for name, change in WRONG_RULINGS.items()),
        *(pytest.param("exemptions", change, id=f"exemption {name}") for name, change in WRONG_EXEMPTIONS.items()),
    ],
)
def test_a_made_up_list_is_refused_though_its_digest_is_right(
    desks: tuple[Store, Store], signed: Path, key: str, change: dict[str, Any]
) -> None:
    facts = json.loads(signed.read_text("utf-8"))
    facts |= {key: [facts[key][0] | change]} if key else change
    signed.write_text(json.dumps(facts | {"digest": digest_of(facts), "signer": ""}), "utf-8")
    assert refusal(lambda: control.adopt(desks[1], signed)) == "not_a_control_list"
    assert control.rulings(desks[1]) == control.exemptions(desks[1]) == []


@pytest.mark.parametrize("key", ["rulings", "exemptions"])
def test_a_list_that_decides_the_same_twice_is_refused(desks: tuple[Store, Store], signed: Path, key: str) -> None:
    facts = json.loads(signed.read_text("utf-8"))
    facts[key].append(facts[key][0] | {"reason": "另一个理由"})
    signed.write_text(json.dumps(facts | {"digest": digest_of(facts), "signer": ""}), "utf-8")
    assert refusal(lambda: control.adopt(desks[1], signed)) == "not_a_control_list"


@pytest.mark.parametrize("key", ["digest", "at", "exemptions"])
def test_a_list_that_lacks_something_is_refused(desks: tuple[Store, Store], signed: Path, key: str) -> None:
    facts = json.loads(signed.read_text("utf-8"))
    del facts[key]
    signed.write_text(json.dumps(facts), "utf-8")
    assert refusal(lambda: control.adopt(desks[1], signed)) == "not_a_control_list"


@pytest.mark.parametrize(
    ("said", "made"),
    [('"number": 1', '"number": Infinity'), ('"number": 1', '"number": NaN'), ('"number": 1', '"number": 1e999'),
     ('"number": 1', '"number": 1, "number": 1'), ('"number": 1', f'"number": {"[" * 100_000}')],
    ids=["infinite", "no number", "beyond numbers", "twice", "nested"],
)  # fmt: skip
def test_a_list_that_json_reads_loosely_is_refused(
    desks: tuple[Store, Store], signed: Path, said: str, made: str
) -> None:
    text = signed.read_text("utf-8")
    signed.write_text(text.replace(said, made, 1), "utf-8")
    assert refusal(lambda: control.adopt(desks[1], signed)) == "not_a_control_list"


def test_a_huge_file_is_refused_unread(
    desks: tuple[Store, Store], signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signed.open("ab") as file:
        file.truncate(20_000_001)
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_kwargs: pytest.fail("it was read"))
    assert refusal(lambda: control.adopt(desks[1], signed)) == "not_a_control_list"


def test_a_ruling_on_a_check_of_another_version_is_adopted_and_does_nothing(
    desks: tuple[Store, Store], signed: Path
) -> None:
    _, district = desks
    facts = json.loads(signed.read_text("utf-8"))
    facts["rulings"] = [facts["rulings"][0] | {"check": "F99"}]
    facts["exemptions"] = []
    signed.write_text(json.dumps(facts | {"digest": digest_of(facts), "signer": ""}), "utf-8")
    control.adopt(district, signed)
    assert [one.check for one in control.rulings(district)] == ["F99"]
    assert status(district) == "errors"


def test_what_the_city_writes_it_can_always_sign_off_and_a_district_adopt(
    desks: tuple[Store, Store], tmp_path: Path
) -> None:
    city, district = desks
    control.rule(city, "F02", "off", TODAY, official="王\u202e\x07\u3000处长\ud800", reason=f"{WHY}\n第二行\x00")
    assert refusal(lambda: control.rule(city, "F02", "off", TODAY, official="王", reason=WHY * 200)) == "control_long"
    assert refusal(lambda: control.sign_off(city, tmp_path / "c", official="王" * 2001)) == "control_long"
    assert refusal(lambda: control.sign_off(city, tmp_path / "c", official="\u202e")) == "official_missing"
    control.sign_off(city, tmp_path / "c.json", official="王\n处长")
    (ruling,) = control.adopt(district, tmp_path / "c.json").rulings
    assert (ruling.official, ruling.reason) == ("王 处长", f"{WHY} 第二行")


def test_a_list_that_cannot_be_written_takes_no_number(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, _ = desks
    before = dict(city.desk)
    assert refusal(lambda: control.sign_off(city, tmp_path / "none" / "c.json", official="王")) == "cannot_write"
    assert city.desk == before == dict(city.execute("SELECT key, value FROM desk"))
    assert control.sign_off(city, tmp_path / "c.json", official="王").number == 1


def test_a_number_that_cannot_be_kept_leaves_no_list(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, _ = desks
    city.execute(
        "CREATE TRIGGER full BEFORE INSERT ON desk WHEN NEW.key = 'control_at'"
        " BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
    )
    before = dict(city.desk)
    assert refusal(lambda: control.sign_off(city, tmp_path / "c.json", official="王")) == "disk_full"
    assert city.desk == before == dict(city.execute("SELECT key, value FROM desk"))
    assert not (tmp_path / "c.json").exists()


def test_a_list_of_another_scheme_is_refused(desks: tuple[Store, Store], tmp_path: Path, small: Scheme) -> None:
    _, district = desks
    files = {**small.files, "scheme.toml": small.files["scheme.toml"].replace('id = "test"', 'id = "other"')}
    other = stores.create(tmp_path / "o.census", schemes.read(files), "2025", None)
    control.sign_off(other, tmp_path / "o.json", official="王")
    assert refusal(lambda: control.adopt(district, tmp_path / "o.json")) == "control_scheme"


def test_only_the_city_decides_and_says_why(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    assert refusal(lambda: control.rule(district, "F01", "off", TODAY, official="王", reason=WHY)) == "control_city"
    assert refusal(lambda: control.sign_off(district, tmp_path / "c", official="王")) == "control_city"
    assert refusal(lambda: control.rule(city, "F99", "off", TODAY, official="王", reason=WHY)) == "unknown_check"
    assert refusal(lambda: control.rule(city, "F01", "E", TODAY, official="王", reason=WHY)) == "ruling_action"
    assert refusal(lambda: control.rule(city, "F01", "off", "5月1日", official="王", reason=WHY)) == "day"
    assert refusal(lambda: control.rule(city, "F01", "off", TODAY, official=" ", reason=WHY)) == "official_missing"
    assert refusal(lambda: control.rule(city, "F01", "off", TODAY, official="王", reason="无")) == "explanation_short"
    assert refusal(lambda: control.exempt(city, code_of(9), "F01", "2025", official="王", reason=WHY)) == "unknown_unit"
    assert refusal(lambda: control.exempt(city, code_of(1), "F01", "2025Q", official="王", reason=WHY)) == "period"
    assert control.rulings(city) == control.exemptions(city) == []


OWN = {
    "class": "B", "scope": "T-02", "expression": "301 >= 327", "message": "收入不小于利润", "family": "balance",
    "reason": "本区关注",
}  # fmt: skip


def test_an_own_check_is_asked_like_any_other(desks: tuple[Store, Store], texts: Texts) -> None:
    _, district = desks
    check = localchecks.save(district, OWN, who="张")
    assert check.code == "L-001"
    assert check.local
    cells.write(district, 1, "2025", "total_profit", 7)
    (found,) = [one for one in Review(district, "2025").findings() if one.check == "L-001"]
    assert sentence(found, district.scheme, texts).startswith("收入不小于利润：营业收入(301) 5 千元")
    again = stores.open(district.path)
    assert again.scheme.check("L-001") == check
    assert again.scheme.digest == district.scheme.digest


def test_an_own_check_is_changed_and_taken_out_and_official_ones_stay(desks: tuple[Store, Store]) -> None:
    _, district = desks
    localchecks.save(district, OWN)
    localchecks.save(district, OWN | {"class": "D"}, code="L-001")
    assert category(district, "L-001") == "D"
    assert localchecks.save(district, OWN).code == "L-002"
    localchecks.remove(district, "L-001")
    assert category(district, "L-001") == ""
    assert [one.code for one in localchecks.all_of(district)] == ["L-002"]
    assert refusal(lambda: localchecks.remove(district, "F01")) == "official_check"
    assert refusal(lambda: localchecks.save(district, OWN, code="F01")) == "official_check"
    assert category(district, "F01") == "A"


def test_an_own_check_that_cannot_be_read_is_not_saved(desks: tuple[Store, Store]) -> None:
    _, district = desks
    for wrong in ({"expression": "301 >= 999"}, {"message": ""}, {"scope": "T-09"}, {"class": "X"}, {"tolerance": "a"}):
        with pytest.raises(SchemeError):
            localchecks.save(district, OWN | wrong)
    assert localchecks.all_of(district) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"tolerance": text}, "wrong_type") for text in ("²", "٣", "9" * 400, "1.", ".5", "-1", "1e9", "0.0000001")]
    + [({"valid_from": text}, "not_one_of") for text in ("2025年", "25", "2025Q5", "zzzz", "20\u0662\u0665")],
)
def test_a_tolerance_is_a_plain_number_and_a_check_begins_with_a_period(
    desks: tuple[Store, Store], texts: Texts, wrong: dict[str, str], code: str
) -> None:
    with pytest.raises(SchemeError) as caught:
        localchecks.save(desks[1], OWN | wrong)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.text(texts)
    files = dict(desks[1].scheme.files)
    head = files["checks.csv"].splitlines()[0].split(",")
    row = OWN | {"code": "F90", "message_en": "x"} | wrong
    files["checks.csv"] += ",".join(row.get(key, "") for key in head) + "\n"
    with pytest.raises(SchemeError) as of_scheme:
        schemes.read(files)
    assert [one.code for one in of_scheme.value.problems] == [code]


@pytest.mark.parametrize("wrong", [{"tolerance": "0.5"}, {"tolerance": "100"}, {"valid_from": "2025Q3"}])
def test_a_plain_tolerance_and_a_quarter_are_taken(desks: tuple[Store, Store], wrong: dict[str, str]) -> None:
    assert localchecks.save(desks[1], OWN | wrong).local


DEEP = "+".join(["301"] * 488) + " > 1"


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("L-001", json.dumps(OWN | {"expression": DEEP}), DEEP),
        ("L-001", json.dumps(OWN | {"expression": "not " * 1000 + "301 > 1"}), "not " * 1000 + "301 > 1"),
        ("L-001", json.dumps(OWN | {"tolerance": "²"}), "301 >= 327"),
        ("L-001", json.dumps(OWN | {"class": ["B"]}), ""),
        ("L-001", json.dumps(OWN | {"message": "\ud800"}), ""),
        ("L-001", json.dumps({"scope": "T-02"}), ""),
        ("L-001", "[" * 100_000, ""),
        ("L-001", "[]", ""),
        ("L-001", "{", ""),
        ("F01", json.dumps(OWN), "301 >= 327"),
        ("L-x", json.dumps({}), ""),
    ],
    ids=["long", "nested", "tolerance", "list", "half", "short", "deep", "no row", "no json", "code", "empty"],
)
def test_a_file_opens_whatever_stands_among_its_own_checks(
    desks: tuple[Store, Store], code: str, facts: str, said: str
) -> None:
    _, district = desks
    with district.atomic():
        district.execute("INSERT INTO local_check VALUES (?, ?, '', '')", (code, facts))
    with closing(stores.open(district.path)) as again:
        assert again.lost_checks == {code: said}
        assert category(again, "F01") == "A"
        assert [one.row["expression"] for one in localchecks.all_of(again)] == [said]
        assert localchecks.save(again, OWN).code == ("L-002" if code == "L-001" else "L-001")


def test_an_own_check_that_a_later_scheme_cannot_read_is_told_apart(
    tmp_path: Path, small: Scheme, lists: Scheme
) -> None:
    files = dict(lists.files)
    files["forms/T-02.toml"] = files["forms/T-02.toml"].replace('code = "327"', 'code = "328"')
    store = stores.create(tmp_path / "d.census", small, "2025", "440305")
    localchecks.save(store, OWN)
    localchecks.save(store, OWN | {"expression": "301 >= 302"})
    upgrade.upgrade(store, schemes.read({name: text.replace("327", "328") for name, text in files.items()}))
    store.close()
    again = stores.open(tmp_path / "d.census")
    assert again.lost_checks == {"L-001": "301 >= 327"}
    assert category(again, "L-001") == ""
    assert category(again, "L-002") == "B"


def test_the_code_of_an_own_check_is_never_given_twice(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    localchecks.save(city, OWN)
    control.rule(city, "L-001", "off", TODAY, official="王", reason=WHY)
    localchecks.remove(city, "L-001")
    assert localchecks.save(city, OWN | {"message": "另一条审核"}).code == "L-002"
    assert category(city, "L-002") == "B"
    assert localchecks.save(city, OWN).code == "L-003"


def test_an_own_check_has_little_room_inside_what_lines_come_to(tmp_path: Path, lists: Scheme) -> None:
    store = stores.create(tmp_path / "d.census", lists, "2025", "440305")
    deep = "total(" + "product_revenue" + " + product_revenue" * 12 + ") > 0"
    with pytest.raises(SchemeError) as caught:
        localchecks.save(store, OWN | {"expression": deep})
    assert [problem.code for problem in caught.value.problems] == ["expression.too_deep"]
    localchecks.save(store, OWN | {"expression": "total(" + "product_revenue" + " + product_revenue" * 3 + ") >= 0"})
    assert list(Review(store, "2025").findings()) == []


def test_once_the_citys_key_is_known_only_its_own_list_is_adopted(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    genuine, forged, bare = (tmp_path / f"{name}.json" for name in ("genuine", "forged", "bare"))
    control.sign_off(city, genuine, official="王")
    control.adopt(district, genuine)
    enrolment.enrol(district, ABOVE, signing.fingerprint(enrolment.desk_key(city).public))
    facts = json.loads(genuine.read_text(encoding="utf-8"))
    other = signing.new_key()
    for path, changes, code in (
        (forged, {"signer": other.public, "signature": other.sign(b"x")}, "signature_broken"),
        (bare, {"signer": "", "signature": "", "box": ""}, "signature_missing"),
        (forged, {"box": "00"}, "signature_broken"),
    ):
        path.write_text(json.dumps(facts | changes, ensure_ascii=False), encoding="utf-8")
        assert refusal(lambda path=path: control.adopt(district, path)) == code
    control.sign_off(city, genuine, official="王")
    assert control.adopt(district, genuine).number == 2
