"""Puts what the review page shows into the words and tables of its template."""

from django.urls import reverse

from overlays.admin import badges
from overlays.admin.comparisons import comparison_card
from overlays.admin.review_content import content_of, is_told
from overlays.admin.viewer_link import viewer_link
from overlays.admin.words import KINDS, day, person_name, size
from overlays.dicom.sop_classes import SOP_CLASSES
from overlays.dicom.transfer_syntaxes import name_of
from overlays.governance.actor import Actor
from overlays.governance.permissions import Action
from overlays.governance.reasons import REJECTION_REASONS
from overlays.governance.transitions import ReviewAct
from overlays.models import OverlayVersion
from overlays.queries.gate import Ruling
from overlays.queries.governed import Governed
from overlays.queries.review_page import VersionPage

SEVERITY_TONES = {"error": badges.Tone.BAD, "warning": badges.Tone.CARE, "info": badges.Tone.QUIET}


def review_context(actor: Actor, shown: VersionPage, drawing: dict | None) -> dict:
    """Everything the template needs. ``drawing`` is what the viewer's script needs, None where no image is drawn."""
    version, study = shown.version, shown.version.study
    told = is_told(version)
    may_look = actor.may(Action.DECIDE_REVIEW)
    return {
        "shown": shown,
        "version": version,
        "study": study,
        "patient": person_name(study.patient_name) or "No name",
        "study_day": day(study.study_date),
        "birth_day": day(study.patient_birth_date),
        "may_look": may_look,
        "may_review": actor.may(Action.REVIEW),
        "may_lineage": actor.may(Action.READ_LINEAGE),
        "drawing": drawing,
        "told": told,
        "content": content_of(version),
        "kind_name": KINDS[version.overlay.kind],
        "headline": badges_of(shown),
        "rulings": [
            ("For readers (purpose review)", shown.review, badges.verdict(shown.review.verdict)),
            ("For clinicians (purpose clinical)", shown.clinical, badges.verdict(shown.clinical.verdict)),
        ],
        "maker": maker(shown),
        "corrected": corrected(shown),
        "facts": facts(shown),
        "claims": version.claims,
        "findings": findings(version.findings),
        "line": [line_row(ruling, version.pk) for ruling in shown.line],
        "reviews": [(each, badges.decision(each.decision)) for each in shown.reviews],
        "reasons": list(REJECTION_REASONS.values()),
        "can_accept": ReviewAct.ACCEPT in shown.acts and shown.drawn and (told or drawing is not None),
        "can_reject": ReviewAct.REJECT in shown.acts,
        "can_start": ReviewAct.START in shown.acts,
        "can_release": ReviewAct.RELEASE in shown.acts,
        "lineage": reverse("admin:overlays_lineage") + f"?overlay={version.overlay_id}",
        "comparison": comparison_card(actor, shown),
        "viewer": viewer_link(actor, study.study_instance_uid),
    }


def findings(found: list[dict]) -> list[dict]:
    """One row for each rule and severity, in the order told: its first finding, and the others for whoever wants them."""
    rows: dict[tuple[str, str], list[dict]] = {}
    for finding in found:
        rows.setdefault((finding["rule"], finding["severity"]), []).append(finding)
    return [
        first | {"badge": badges.badge((severity.capitalize(), SEVERITY_TONES[severity])), "others": others}
        for (_, severity), (first, *others) in rows.items()
    ]


def badges_of(shown: VersionPage) -> list:
    """The badges in the head of the page."""
    version = shown.version
    found = [
        badges.review_state(version.review_state),
        badges.verdict(shown.clinical.verdict, "Clinic: "),
        badges.verification(version.verification),
    ]
    if not version.author:
        found.append(badges.model_status(version.model_version.status if version.model_version else None))
    return found


def maker(shown: VersionPage) -> str:
    """Who made it, for the head of the page."""
    made_by = _made_by(shown.version)
    return f"Corrected by {made_by}" if shown.version.author else made_by


def corrected(shown: VersionPage) -> str:
    """Which version a correction corrects, by its maker and number; empty for what is none."""
    parent = shown.parent
    return "" if parent is None else f"{_made_by(parent)}, version {parent.number}"


def _made_by(version: OverlayVersion | Governed) -> str:
    return version.author or f"{version.claimed_name} {version.claimed_version}".strip() or "Unknown model"


def facts(shown: VersionPage) -> list[tuple[str, str]]:
    """Provenance as pairs of name and value; what is not known says so."""
    return [*(_of_person(shown) if shown.version.author else _of_model(shown)), *_of_object(shown.version)]


def _of_person(shown: VersionPage) -> list[tuple[str, str]]:
    """Whatever algorithm a viewer wrote into a correction, a person answers for it."""
    return [("Author", shown.version.author), ("Corrects", corrected(shown))]


def _of_model(shown: VersionPage) -> list[tuple[str, str]]:
    version = shown.version
    believed = min(version.claims, key=lambda claim: claim["rank"], default=None)
    status = version.model_version.get_status_display() if version.model_version else "not registered"
    return [
        ("Model", version.claimed_name or "not named"),
        ("Model version", version.claimed_version or "not named"),
        ("Status of the model version", status),
        ("Manufacturer", version.claimed_manufacturer or "not named"),
        ("Identity read from", believed["place"] if believed else "nowhere: the object names no algorithm"),
    ]


def _of_object(version: OverlayVersion) -> list[tuple[str, str]]:
    equipment = version.content.get("equipment", {})
    wrote = " ".join(filter(None, (equipment.get("manufacturer"), equipment.get("model_name"))))
    sop_class = SOP_CLASSES.get(version.sop_class_uid)
    return [
        ("Written by (equipment)", wrote or "not named"),
        ("Content creator", person_name(version.content.get("creator", "")) or "not named"),
        ("Qualification", version.content.get("qualification", "") or "not stated"),
        ("Posted by", f"{version.stored_by} ({version.stored_by_key})"),
        ("Posted at", f"{version.stored_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("SOP class", sop_class.name if sop_class else version.sop_class_uid),
        ("Transfer syntax", name_of(version.transfer_syntax_uid)),
        ("Frames", str(version.number_of_frames) if version.number_of_frames else "none"),
        ("Size", size(version.size)),
        ("SHA-256", version.sha256),
        ("SOP Instance UID", version.sop_instance_uid),
        ("Series Instance UID", version.series.series_instance_uid),
        ("Study Instance UID", version.study.study_instance_uid),
    ]


def line_row(ruling: Ruling, own: int) -> dict:
    """One row of the table of the line's versions."""
    version = ruling.version
    return {
        "version": version,
        "own": version.pk == own,
        "state": badges.review_state(version.review_state),
        "verdict": badges.verdict(ruling.verdict),
        "reviewed": f"{version.reviewed_by}, {version.reviewed_at:%Y-%m-%d}" if version.reviewed_at else "",
        "address": reverse("admin:overlays_overlayversion_review", args=[version.pk]),
        "who": _made_by(version),
    }
