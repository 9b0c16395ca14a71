"""Describes what the JSON API takes in."""

from django.http import QueryDict
from rest_framework import serializers

from overlays.governance.reasons import REJECTION_REASONS
from overlays.governance.vocabulary import Decision, ModelStatus, Purpose, ReviewState
from overlays.models.choices import choices
from overlays.services.export_lineage import LineageFormat

MOST_INSTANCES = 500
"""Instances that one call may name."""

MOST_ROWS = 500
"""Rows of one page of a list."""

LARGEST_KEY = 2**63 - 1
"""Largest number of a row."""


LONGEST_POSITION = 3000
"""Characters of a position in the feed of changes; on PostgreSQL it names every transaction that was open."""


class StrictSerializer(serializers.Serializer):
    """Refuses members that it does not know: a misspelt one must not pass unseen."""

    def to_internal_value(self, data: object) -> dict:
        """The members that are known. Raises ValidationError naming the others."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({str(name)[:64]: "There is no such member." for name in unknown})
        return super().to_internal_value(data)


class StrictQuery(StrictSerializer):
    """The same for the query of an address. Each parameter comes once, and says something: an empty filter would filter nothing."""

    def to_internal_value(self, data: QueryDict) -> dict:
        """The parameters that are known. Raises ValidationError naming the others, and those that come twice or empty."""
        if unclear := sorted(name for name, values in data.lists() if len(values) > 1 or not values[0]):
            raise serializers.ValidationError({name[:64]: "It is given once, with a value." for name in unclear})
        return super().to_internal_value(data)


class PageQuery(StrictQuery):
    """Which page of a list; ``cursor`` comes from the links of another page."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, required=False)
    cursor = serializers.CharField(max_length=1000, required=False)


class Uid(serializers.RegexField):
    """A DICOM UID (PS3.5 9.1)."""

    def __init__(self, **options: object) -> None:
        super().__init__(r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$", max_length=64, **options)


class Sha256(serializers.RegexField):
    """A SHA-256 in lower-case hexadecimal."""

    def __init__(self, **options: object) -> None:
        super().__init__(r"^[0-9a-f]{64}$", **options)


class PurposeQuery(StrictQuery):
    """For what the viewer wants to render."""

    purpose = serializers.ChoiceField(
        choices(Purpose),
        default=str(Purpose.CLINICAL),
        error_messages={"invalid_choice": f"'{{input:.32}}' is none of {', '.join(Purpose)}."},
    )


class HeldInstance(StrictSerializer):
    """An instance that a viewer holds, and the digest of the bytes it holds."""

    sop_instance_uid = Uid()
    sha256 = Sha256(required=False)


class RenderDecisionRequest(StrictSerializer):
    """Which instances, for which purpose."""

    purpose = serializers.ChoiceField(choices(Purpose))
    instances = serializers.ListField(child=HeldInstance(), min_length=1, max_length=MOST_INSTANCES)


class DisplayReceiptRequest(StrictSerializer):
    """What was drawn, under which decision."""

    decision_id = serializers.UUIDField()
    sop_instance_uids = serializers.ListField(child=Uid(), min_length=1, max_length=MOST_INSTANCES)


class LaunchRequest(StrictSerializer):
    """Which study to open, for which purpose, in which viewer: the first that is configured, unless one is named."""

    study = Uid()
    purpose = serializers.ChoiceField(choices(Purpose), default=str(Purpose.CLINICAL))
    viewer = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class HealthImagingRequest(StrictSerializer):
    """What AWS HealthImaging tells its authorizer."""

    datastoreId = serializers.RegexField(r"^[0-9a-z]{32}$")  # noqa: N815 -- the words of the contract
    operation = serializers.RegexField(r"^[A-Za-z]{1,64}$")
    bearerToken = serializers.CharField(max_length=65_536, allow_blank=True, trim_whitespace=False)  # noqa: N815


class ReviewRequest(StrictSerializer):
    """A reader's verdict, and the digest of the bytes that the reader saw."""

    decision = serializers.ChoiceField(choices(Decision))
    reason = serializers.ChoiceField(sorted(REJECTION_REASONS), required=False)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    seen_sha256 = Sha256()
    seen_state = serializers.ChoiceField(choices(ReviewState), required=False)

    def validate(self, attrs: dict) -> dict:
        """A rejection has a reason; an acceptance has none."""
        if attrs["decision"] == Decision.REJECT and "reason" not in attrs:
            raise serializers.ValidationError({"reason": "A rejection carries a coded reason."})
        if attrs["decision"] == Decision.ACCEPT and "reason" in attrs:
            raise serializers.ValidationError({"reason": "Only a rejection carries a reason."})
        return attrs


class ModelRequest(StrictSerializer):
    """A model to register."""

    name = serializers.CharField(max_length=64)
    manufacturer = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    intended_use = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class ModelVersionRequest(StrictSerializer):
    """A version of a model to register."""

    version = serializers.CharField(max_length=64)


class StatusRequest(StrictSerializer):
    """A new status of a model version, and why."""

    status = serializers.ChoiceField(choices(ModelStatus))
    reason = serializers.CharField(max_length=2000)


class PosterRequest(StrictSerializer):
    """A pipeline client that may post for a model."""

    client_id = serializers.CharField(max_length=255)


class OverlayQuery(PageQuery):
    """Filters of the list of overlays; all that are given must hold."""

    study = Uid(required=False)
    patient = serializers.CharField(max_length=64, required=False)
    model = serializers.CharField(max_length=64, required=False)
    model_version = serializers.IntegerField(min_value=1, max_value=LARGEST_KEY, required=False)
    review_state = serializers.ChoiceField(choices(ReviewState), required=False)


class LineageQuery(StrictQuery):
    """Whose lineage, in which form."""

    overlay = serializers.UUIDField(required=False)
    study = Uid(required=False)
    source = Uid(required=False)
    model_version = serializers.IntegerField(min_value=1, max_value=LARGEST_KEY, required=False)
    format = serializers.ChoiceField(choices(LineageFormat), default=str(LineageFormat.JSON))


class AuditQuery(StrictQuery):
    """Which entries of the audit log."""

    after = serializers.IntegerField(min_value=0, max_value=LARGEST_KEY, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=200)
    event = serializers.CharField(max_length=64, default="")
    actor = serializers.CharField(max_length=255, default="")
    study = serializers.CharField(max_length=64, default="")
    subject = serializers.CharField(max_length=255, default="")
    correlation_id = serializers.CharField(max_length=64, default="")


class ChangesQuery(StrictQuery):
    """After which position, which an answer gave; of which study alone."""

    after = serializers.CharField(max_length=LONGEST_POSITION, required=False)
    study = Uid(default="")


class EncodingForm(StrictSerializer):
    """The parts of an encoding, for the description of this API: they are read as they come, by no form."""

    description = serializers.JSONField(help_text="What made the result, from which images, and what it is.")
    mask = serializers.ListField(
        child=serializers.FileField(),
        required=False,
        help_text="NIfTI, NRRD, .npy, .npz or a ZIP of PNG images, or one PNG image a part; or one such file a segment.",
    )
