"""The review page of what a reader saved in a viewer."""

import pytest

from overlays.admin.worklist import review_page
from overlays.models import OverlayVersion
from tests.builders import saved_segmentation, segmentation, to_bytes
from tests.builders.segmentations import add_predecessor


@pytest.fixture
def page(stored, post, images, radiologist, reader) -> str:
    """The page of a correction that bears the faults of its viewer."""
    stored(uid_seed="first")
    data = saved_segmentation(sources=images, kind="LABELMAP")
    add_predecessor(data, segmentation(sources=images, uid_seed="first"))
    found = post(to_bytes(data), actor=radiologist)
    assert found.refusal is None, found.findings
    version = OverlayVersion.objects.get(sop_instance_uid=data.SOPInstanceUID)
    return reader.get(review_page.address(version)).content.decode()


def test_its_head_names_the_author_and_what_is_corrected(page):
    head = page[page.index("<header") : page.index("</header>")]
    assert "Corrected by R. Lee" in head
    assert ">LiverSeg 2.1.0, version 1</a>" in head


def test_no_model_is_told_of_it_whatever_the_viewer_wrote(page):
    provenance = page[page.index("<h2>Provenance</h2>") :]
    assert "<dt>Author</dt>" in provenance
    assert "<dt>Model version</dt>" not in provenance


def test_findings_of_one_rule_stand_in_one_row(page):
    findings = page[page.index("Findings of validation") : page.index("<h2>Reviews")]
    assert findings.count("<td>FRM-012<br>") == 1
    assert "more of this rule</summary>" in findings
