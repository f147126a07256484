"""The root key in slots: each opens, none is missed, and the file is whole or says that it is not."""

from __future__ import annotations

import json
import stat
import threading

import pytest

from lab_contingency.foundation.errors import NotFound, RuleBroken, StartRefused
from lab_contingency.foundation.keys import (
    NAMES,
    Cost,
    Kind,
    Passphrase,
    RecoverySecret,
    WrongSecret,
    demonstration_ring,
    make_keys,
    open_ring,
    read_document,
)

CHEAP = Cost(memory_kib=64, time=1, lanes=1)
ANNA, BO = ("Anna Fraser", "seven grey herons wade"), ("Bo Adeyemi", "lanterns under the pier")
SHEET = RecoverySecret(bytes(range(20)))


@pytest.fixture
def file(tmp_path):
    """Keys with two custodians, a sheet and a key file."""
    file = tmp_path / "keys.json"
    make_keys(file, [ANNA, BO], recovery=SHEET, key_file=tmp_path / "unattended.key", cost=CHEAP)
    return file


def openers(file):
    anna, bo = read_document(file).slots_of(Kind.CUSTODIAN)
    return {
        anna.id: Passphrase(anna.id, ANNA[1]),
        bo.id: Passphrase(bo.id, BO[1]),
        read_document(file).slots_of(Kind.RECOVERY)[0].id: SHEET,
        read_document(file).slots_of(Kind.KEY_FILE)[0].id: file.parent / "unattended.key",
    }


def every_key(ring):
    return {name: {n: ring.version(name, n) for n in ring.versions(name)} for name in NAMES}


def test_the_default_cost_of_a_passphrase_is_a_quarter_of_a_gigabyte():
    assert Cost() == Cost(memory_kib=262_144, time=3, lanes=4)


@pytest.mark.hazard("H37")
def test_each_slot_opens_the_same_keys_alone(file):
    held = [every_key(open_ring(file, opener)[0]) for opener in openers(file).values()]

    assert len(held) == 4
    assert all(each == held[0] for each in held)
    assert {len(key) for versions in held[0].values() for key in versions.values()} == {32}
    assert len({versions[1] for versions in held[0].values()}) == len(NAMES)


def _other_bits(slot):
    return {**slot, "wrapped": "A" * len(slot["wrapped"])}


def _no_slot_at_all(slot):
    return {"id": slot["id"], "kind": "\x00", "salt": 7}


@pytest.mark.hazard("H37")
@pytest.mark.parametrize("destroy", [_other_bits, _no_slot_at_all, None])
@pytest.mark.parametrize("place", range(4))
def test_with_any_one_slot_destroyed_every_other_still_opens(file, place, destroy):
    ways = openers(file)
    whole = every_key(open_ring(file, SHEET)[0])
    gone = list(ways)[place]
    held = json.loads(file.read_text())
    held["slots"] = [
        (destroy(slot) if destroy else None) if slot["id"] == gone else slot
        for slot in held["slots"]
    ]
    file.write_text(json.dumps(held))

    for slot_id, opener in ways.items():
        if slot_id == gone:
            with pytest.raises((WrongSecret, NotFound)):
                open_ring(file, opener)
        else:
            ring, _ = open_ring(file, opener)
            assert every_key(ring) == whole
            assert not ring.is_as_written


@pytest.mark.hazard("H37")
@pytest.mark.parametrize("lost", ["Anna", "Bo", "sheet", "key file"])
def test_losing_any_one_secret_loses_nothing(file, lost):
    ways = dict(zip(("Anna", "Bo", "sheet", "key file"), openers(file).values(), strict=True))
    ways.pop(lost)

    for opener in ways.values():
        assert open_ring(file, opener)[0].current("field")[0] == 1


@pytest.mark.parametrize("wrong", ["", "Seven grey herons wade", BO[1], "seven grey herons wade "])
def test_a_wrong_passphrase_opens_nothing(file, wrong):
    slot = read_document(file).slots_of(Kind.CUSTODIAN)[0]

    with pytest.raises(WrongSecret, match="Caps Lock"):
        open_ring(file, Passphrase(slot.id, wrong))


def test_a_passphrase_is_the_same_from_every_keyboard(tmp_path):
    file = tmp_path / "keys.json"
    make_keys(file, [("Anna", "sept hérons gris"), BO], recovery=SHEET, cost=CHEAP)  # é as one sign
    slot = read_document(file).slots[0]

    assert open_ring(file, Passphrase(slot.id, "sept he\u0301rons gris"))[1].name == "Anna"


def test_another_sheet_and_another_key_file_open_nothing(file, tmp_path):
    with pytest.raises(WrongSecret, match="newest recovery sheet"):
        open_ring(file, RecoverySecret.new())
    other = tmp_path / "other"
    demonstration_ring(other / "keys.json")
    with pytest.raises(WrongSecret, match="does not belong"):
        open_ring(file, other / "keys.key")


def test_a_key_file_that_others_may_read_is_refused(file):
    key_file = file.parent / "unattended.key"
    key_file.chmod(0o640)

    with pytest.raises(StartRefused, match="chmod 600"):
        open_ring(file, key_file)


def test_a_key_file_that_is_missing_or_is_none_is_refused_with_what_to_do(file, tmp_path):
    none = tmp_path / "none.key"
    with pytest.raises(StartRefused, match="LAB_KEY_FILE"):
        open_ring(file, none)
    none.write_text("something else")
    none.chmod(0o600)
    with pytest.raises(StartRefused, match="LAB_KEY_FILE"):
        open_ring(file, none)


def test_keys_are_read_by_their_owner_only_and_nothing_else_is_left(file):
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {
        "keys.json": 0o600,
        "unattended.key": 0o600,
    }


def test_no_key_and_no_passphrase_stands_in_the_file(file):
    ring, _ = open_ring(file, SHEET)
    text = file.read_bytes()
    import base64

    for versions in every_key(ring).values():
        for key in versions.values():
            assert key not in text
            assert base64.b64encode(key) not in text
            assert key.hex().encode() not in text
    assert ANNA[1].encode() not in text


@pytest.mark.parametrize(
    "custodians",
    [[ANNA], [], [ANNA, (ANNA[0].upper(), BO[1])], [ANNA, (BO[0], ANNA[1])]],
)
def test_two_custodians_with_passphrases_of_their_own_are_needed(tmp_path, custodians):
    with pytest.raises(RuleBroken):
        make_keys(tmp_path / "keys.json", custodians, recovery=SHEET, cost=CHEAP)

    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_there_are_never_made_again(file):
    before = file.read_bytes()

    with pytest.raises(RuleBroken, match="keys already"):
        make_keys(file, [ANNA, BO], recovery=SHEET, cost=CHEAP)

    assert file.read_bytes() == before


def test_the_last_but_one_custodian_and_the_last_sheet_stay(file):
    ring, _ = open_ring(file, SHEET)
    anna, _bo, sheet, key_file = list(openers(file))

    with pytest.raises(RuleBroken, match="Two custodians must remain"):
        ring.remove_slot(anna)
    with pytest.raises(RuleBroken, match="last recovery sheet"):
        ring.remove_slot(sheet)
    with pytest.raises(NotFound):
        ring.remove_slot("nothing")
    assert ring.remove_slot(key_file).kind is Kind.KEY_FILE
    assert len(read_document(file).slots) == 3


def test_a_third_custodian_lets_one_of_the_others_go(file):
    ring, _ = open_ring(file, SHEET)
    ring.add_custodian("Chika Obi", "a slow boat to Deptford", CHEAP)
    anna, _bo, chika = read_document(file).slots_of(Kind.CUSTODIAN)

    ring.remove_slot(anna.id)

    assert open_ring(file, Passphrase(chika.id, "a slow boat to Deptford"))[1].name == "Chika Obi"
    with pytest.raises(NotFound):
        open_ring(file, Passphrase(anna.id, ANNA[1]))
    with pytest.raises(RuleBroken, match="of this name"):
        ring.add_custodian("chika obi", "another boat to Deptford", CHEAP)


def test_a_new_sheet_takes_the_place_of_the_old_one(file):
    ring, _ = open_ring(file, SHEET)
    fresh = RecoverySecret.new()

    ring.replace_recovery(fresh)

    assert open_ring(file, fresh)[1].kind is Kind.RECOVERY
    with pytest.raises(WrongSecret):
        open_ring(file, SHEET)


@pytest.mark.parametrize("name", NAMES)
def test_each_key_is_rotated_alone_and_the_old_version_stays_until_it_is_dropped(file, name):
    ring, _ = open_ring(file, SHEET)
    before = every_key(ring)

    assert ring.rotate(name) == 2

    after = every_key(open_ring(file, SHEET)[0])
    assert {n: k for n, k in after.items() if n != name} == {
        n: k for n, k in before.items() if n != name
    }
    assert after[name][1] == before[name][1]
    assert ring.current(name) == (2, after[name][2])
    ring.drop_older(name)
    assert open_ring(file, SHEET)[0].versions(name) == (2,)


def test_a_ring_opened_elsewhere_takes_over_what_was_rotated(file):
    one, other = open_ring(file, SHEET)[0], open_ring(file, SHEET)[0]
    sealed_before = other.seal({"a": 1}, "t|1")
    one.rotate("field")
    sealed = one.seal({"a": 2}, "t|1")

    assert other.open(sealed, "t|1") == {"a": 2}
    one.drop_older("field")
    other.refresh()
    assert other.versions("field") == (2,)
    # What a reader fetched before the version was dropped still opens in the process that held it.
    assert other.open(sealed_before, "t|1") == {"a": 1}


def test_a_file_damaged_while_the_program_runs_does_not_stop_it(file):
    ring, _ = open_ring(file, SHEET)
    sealed = ring.seal({"a": 1}, "t|1")
    file.write_text("{")

    ring.refresh()

    assert ring.open(sealed, "t|1") == {"a": 1}


@pytest.mark.parametrize("held", ["", "{}", "[]", '{"field": 1, "index": 2}', "\xff", "null"])
def test_a_damaged_file_of_keys_is_refused_with_what_to_do_and_left_alone(tmp_path, held):
    file = tmp_path / "keys.json"
    file.write_text(held)

    with pytest.raises(StartRefused, match="Put back the copy"):
        read_document(file)

    assert file.read_text() == held


def _shortened(held):
    held["keys"]["field"][0]["wrapped"] = "AAAA"


def _swapped(held):
    keys = held["keys"]
    keys["field"][0]["wrapped"], keys["index"][0]["wrapped"] = (
        keys["index"][0]["wrapped"],
        keys["field"][0]["wrapped"],
    )


def _without_key(held):
    del held["keys"]["audit"]


@pytest.mark.parametrize("damage", [_shortened, _swapped, _without_key])
def test_a_file_whose_keys_were_altered_opens_with_nothing(file, damage):
    held = json.loads(file.read_text())
    damage(held)
    file.write_text(json.dumps(held))

    with pytest.raises(StartRefused, match="Put back the copy"):
        open_ring(file, SHEET)


def test_a_slot_given_another_name_opens_no_more(file):
    held = json.loads(file.read_text())
    held["slots"][0]["name"] = "Somebody Else"
    file.write_text(json.dumps(held))

    with pytest.raises(WrongSecret):
        open_ring(file, Passphrase(held["slots"][0]["id"], ANNA[1]))


@pytest.mark.parametrize("cost", [[2**40, 3, 4], [262144, 10**6, 4], [8, 1, 4], [64, 0, 1]])
def test_a_slot_that_asks_for_endless_or_no_work_is_none(file, cost):
    held = json.loads(file.read_text())
    held["slots"][0]["argon2id"] = cost
    file.write_text(json.dumps(held))

    with pytest.raises(NotFound):
        open_ring(file, Passphrase(held["slots"][0]["id"], ANNA[1]))


def test_processes_that_start_together_agree_on_one_file_of_keys(tmp_path):
    file, found = tmp_path / "keys-demonstration.json", []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(demonstration_ring(file).current("field"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert {path.name for path in tmp_path.iterdir()} == {file.name, "keys-demonstration.key"}


def test_changes_made_at_the_same_time_are_all_kept(file):
    rings = [open_ring(file, SHEET)[0] for _ in range(4)]
    start = threading.Barrier(4)

    def rotate(ring) -> None:
        start.wait()
        ring.rotate("export")

    threads = [threading.Thread(target=rotate, args=(ring,)) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert open_ring(file, SHEET)[0].versions("export") == (5, 4, 3, 2, 1)
