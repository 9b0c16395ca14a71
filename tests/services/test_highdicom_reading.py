"""What highdicom lacks is told of an object only where it says something of the object."""

import pytest

from overlays.services.highdicom_reading import read_with_highdicom
from tests.builders import basic_text, key_objects, presentation, structure_set, to_bytes


def findings(built, folder) -> list[str]:
    path = folder / "object.dcm"
    path.write_bytes(to_bytes(built))
    return [found.rule for found in read_with_highdicom(path)]


@pytest.mark.parametrize("build", [presentation, structure_set, basic_text])
def test_of_a_class_that_it_has_no_reader_for_nothing_is_said(build, tmp_path):
    assert findings(build(), tmp_path) == []


def test_a_form_that_it_cannot_read_is_told(tmp_path):
    built = key_objects()
    built.pop("ContentTemplateSequence", None)
    assert findings(built, tmp_path) == ["REG-008"]
