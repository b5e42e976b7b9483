"""The programme file and the data set are read strictly: what is wrong is named with its file, nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memberlogic.errors import InvalidInput
from memberlogic_sqlalchemy.cli.journey import FileUnreadable
from memberlogic_sqlalchemy.cli.programme import read_programme

CLUB = Path("examples/complete_journey/club.toml").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    """The example's file with one thing changed."""
    assert old in CLUB
    path = folder / "mine.toml"
    path.write_text(CLUB.replace(old, new), encoding="utf-8")
    return path


def test_the_example_says_what_the_replay_plays():
    """Every key of the file arrives as it is."""
    programme = read_programme(Path("examples/complete_journey/club.toml"))
    assert programme.zone == ZoneInfo("America/New_York")
    assert programme.thresholds_cents == (("Base", 0), ("Silver", 25000), ("Gold", 75000), ("Platinum", 150000))
    assert (programme.unit_cents, programme.expire_days, programme.window_days) == (100, 90, 90)
    assert (programme.redeem_points, programme.redeem_cents, programme.redeem_minimum_total_cents) == (500, 500, 500)
    assert programme.excluded_product_types == ("GASOLINE", "GIFT CARD")
    assert programme.warn_days == (30, 7)


def test_schemes_may_have_names_of_their_own(tmp_path):
    """A table of names and thresholds, in rank order."""
    path = changed(tmp_path, "[0, 25000, 75000, 150000]", "{ Friend = 0, Family = 100 }")
    assert read_programme(path).thresholds_cents == (("Friend", 0), ("Family", 100))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("unit_cents = 100", "unit_cent = 100", "unit_cent"),
        ("unit_cents = 100", "", "unit_cents"),
        ("unit_cents = 100", "unit_cents = 0", "unit_cents"),
        ("unit_cents = 100", "unit_cents = 1.0", "unit_cents"),
        ("unit_cents = 100", "unit_cents = true", "unit_cents"),
        ("unit_cents = 100", 'unit_cents = "100"', "unit_cents"),
        ("expire_days = 90", "expire_days = -1", "expire_days"),
        ('zone = "America/New_York"', 'zone = "America/Gotham"', "zone"),
        ('zone = "America/New_York"', "zone = 5", "zone"),
        ("[0, 25000, 75000, 150000]", "[0, 75000, 25000, 150000]", "thresholds_cents[2]"),
        ("[0, 25000, 75000, 150000]", "[0, 25000, 25000, 150000]", "thresholds_cents[2]"),
        ("[0, 25000, 75000, 150000]", "[1, 25000, 75000, 150000]", "thresholds_cents[0]"),
        ("[0, 25000, 75000, 150000]", "[25000, 75000, 150000]", "thresholds_cents"),
        ("[0, 25000, 75000, 150000]", '[0, "25000", 75000, 150000]', "thresholds_cents[1]"),
        ("[0, 25000, 75000, 150000]", "{ Low = 10, High = 20 }", "thresholds_cents.Low"),
        ("[0, 25000, 75000, 150000]", "{}", "thresholds_cents"),
        ('["GASOLINE", "GIFT CARD"]', '"GASOLINE"', "excluded_product_types"),
        ('["GASOLINE", "GIFT CARD"]', '["GASOLINE", ""]', "excluded_product_types[1]"),
        ("warn_days = [30, 7]", "warn_days = [30, 0]", "warn_days[1]"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_key(tmp_path, old, new, where):
    """A typo in a key, a missing one, a wrong type, thresholds that do not rise: where it stands, and what was
    expected.
    """
    path = changed(tmp_path, old, new)
    with pytest.raises(InvalidInput) as refused:
        read_programme(path)
    assert refused.value.path == f"{path}: {where}"


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path):
    """The parser's own position is kept."""
    path = changed(tmp_path, "unit_cents = 100", "unit_cents = = 100")
    with pytest.raises(FileUnreadable, match="line"):
        read_programme(path)
    with pytest.raises(FileUnreadable, match=r"none\.toml"):
        read_programme(tmp_path / "none.toml")
