"""What wristbands carry at a site and its wards, set from a table."""

import pytest

from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.places.queries import band_settings
from lab_contingency.places.services import load_bands
from tests.factories.world import SYSTEM


def write(folder, *lines):
    head = "site,ward,required,nhs_ai,hospital_ai,gsrn_prefix,hospital_form"
    (folder / "wristbands.csv").write_text("\n".join((head, *lines)), encoding="utf-8")


def test_a_ward_goes_before_its_site_and_a_file_changes_what_was_set(world, tmp_path):
    resus, theatre = world.wards["KCH-ED-RESUS"], world.wards["KCH-THEATRE"]
    write(tmp_path, "KCH,,yes,98,,,", "KCH,KCH-THEATRE,no,,,,")
    with unit_of_work():
        assert load_bands(tmp_path, SYSTEM) == 2
        assert load_bands(tmp_path, SYSTEM) == 0

    assert (band_settings(resus).required, band_settings(resus).nhs_ai) == (True, "98")
    assert not band_settings(theatre).required


def test_a_bad_row_is_named_and_nothing_is_set(world, tmp_path):
    write(tmp_path, "KCH,,maybe,,,,", "XXX,,yes,,,,", "KCH,STH-ICU,yes,,,,", "KCH,,yes,1,,,")
    with pytest.raises(RulesBroken) as refusal, unit_of_work():
        load_bands(tmp_path, SYSTEM)

    said = " ".join(refusal.value.problems.values())
    assert all(f"line {n}" in said for n in (2, 3, 4, 5))
    assert load_bands(tmp_path / "empty", SYSTEM) == 0
