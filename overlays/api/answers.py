"""Describes what the JSON API answers."""

from rest_framework import serializers

from overlays.dicom.findings import Severity
from overlays.dicom.instance import Family
from overlays.governance.changes import TOLD
from overlays.governance.events import sentence
from overlays.governance.vocabulary import ModelStatus, Purpose, ReviewState, Verdict, Verification
from overlays.models import AIModel, AuditEntry, ModelVersion, Overlay, OverlayVersion, Review
from overlays.models.choices import choices
from overlays.services.outcomes import Refusal


class Coded(serializers.Serializer):
    """A coded concept (PS3.3 8.8)."""

    code = serializers.CharField()
    scheme = serializers.CharField()
    meaning = serializers.CharField()


class ReasonAnswer(serializers.Serializer):
    """Why a verdict is what it is."""

    code = serializers.CharField()
    text = serializers.CharField()


class ModelNaming(serializers.Serializer):
    """The model version behind an overlay; ``status`` is null where it is not registered."""

    name = serializers.CharField()
    version = serializers.CharField()
    manufacturer = serializers.CharField()
    status = serializers.ChoiceField(choices(ModelStatus), allow_null=True)


class SourcesAnswer(serializers.Serializer):
    """What a version was derived from."""

    series = serializers.ListField(child=serializers.CharField())
    instances = serializers.IntegerField()
    verification = serializers.ChoiceField(choices(Verification))


class Links(serializers.Serializer):
    """Where to go on from here."""

    instance = serializers.CharField()
    lineage = serializers.CharField()


class RulingAnswer(serializers.Serializer):
    """The verdict on one version. For an instance that the registry does not know, only the first five members are there."""

    sop_instance_uid = serializers.CharField()
    verdict = serializers.ChoiceField(choices(Verdict))
    rendering_intent = Coded()
    reasons = ReasonAnswer(many=True)
    label = serializers.CharField()
    warning = serializers.CharField(allow_null=True)
    overlay = serializers.UUIDField(required=False)
    version = serializers.IntegerField(required=False)
    modality = serializers.CharField(required=False)
    sop_class_uid = serializers.CharField(required=False)
    study_instance_uid = serializers.CharField(required=False)
    series_instance_uid = serializers.CharField(required=False)
    sha256 = serializers.CharField(required=False)
    review_state = serializers.ChoiceField(choices(ReviewState), required=False)
    model = ModelNaming(required=False)
    sources = SourcesAnswer(required=False)
    links = Links(required=False)


class PolicyNaming(serializers.Serializer):
    """Under which policy it was decided."""

    name = serializers.CharField()
    version = serializers.IntegerField()


class RenderDecisionAnswer(serializers.Serializer):
    """What may be rendered, until when."""

    study_instance_uid = serializers.CharField(allow_null=True)
    purpose = serializers.ChoiceField(choices(Purpose))
    decision_id = serializers.UUIDField()
    evaluated_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    policy = PolicyNaming()
    overlays = RulingAnswer(many=True)


class DecisionKeyAnswer(serializers.Serializer):
    """A public key (RFC 7517 4, RFC 7518 6.2)."""

    kty = serializers.ChoiceField(["EC"])
    crv = serializers.ChoiceField(["P-256"])
    x = serializers.CharField()
    y = serializers.CharField()
    kid = serializers.CharField()
    use = serializers.ChoiceField(["sig"])
    alg = serializers.ChoiceField(["ES256"])


class DecisionKeysAnswer(serializers.Serializer):
    """The public keys that check signed render decisions."""

    keys = DecisionKeyAnswer(many=True)


class DisplayReceiptAnswer(serializers.Serializer):
    """How many displays were recorded."""

    decision_id = serializers.UUIDField()
    recorded = serializers.IntegerField()


class LaunchAnswer(serializers.Serializer):
    """Where to open the study: an address that serves once, until it expires; ``studies`` is what the token is then narrowed to."""

    viewer = serializers.CharField()
    url = serializers.CharField()
    study_instance_uid = serializers.CharField()
    purpose = serializers.ChoiceField(choices(Purpose))
    studies = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()


class HealthImagingAnswer(serializers.Serializer):
    """What AWS HealthImaging is told: an empty role denies the operation."""

    isTokenValid = serializers.BooleanField()  # noqa: N815 -- the words of the contract
    roleArn = serializers.CharField(allow_blank=True)  # noqa: N815


class FindingAnswer(serializers.Serializer):
    """One fault of an instance: the rule, where, and what was found there."""

    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices(Severity))
    path = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()


class InstanceNaming(serializers.Serializer):
    """What the instance says it is; empty where it could not be read."""

    sop_class_uid = serializers.CharField(allow_blank=True)
    sop_instance_uid = serializers.CharField(allow_blank=True)
    study_instance_uid = serializers.CharField(allow_blank=True)
    series_instance_uid = serializers.CharField(allow_blank=True)
    family = serializers.ChoiceField(choices(Family), allow_null=True)


class ValidationAnswer(serializers.Serializer):
    """What storing would say. The model is null of what names none, is refused, or is a correction; so are state and verification of what
    would not become a version.
    """

    would_store = serializers.BooleanField()
    already_stored = serializers.BooleanField()
    refusal = serializers.ChoiceField(choices(Refusal), allow_null=True)
    instance = InstanceNaming()
    model = ModelNaming(allow_null=True)
    review_state = serializers.ChoiceField(choices(ReviewState), allow_null=True)
    verification = serializers.ChoiceField(choices(Verification), allow_null=True)
    findings = FindingAnswer(many=True)


class RemarkAnswer(serializers.Serializer):
    """Something worth knowing of what was encoded all the same."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class EncodingLinks(serializers.Serializer):
    """Where the stored object is fetched, and read about."""

    instance = serializers.CharField()
    version = serializers.CharField()


class EncodingAnswer(serializers.Serializer):
    """What was encoded and stored."""

    sop_class_uid = serializers.CharField()
    sop_instance_uid = serializers.CharField()
    study_instance_uid = serializers.CharField()
    series_instance_uid = serializers.CharField()
    already_stored = serializers.BooleanField()
    review_state = serializers.ChoiceField(choices(ReviewState))
    links = EncodingLinks()
    remarks = RemarkAnswer(many=True)
    findings = FindingAnswer(many=True)


class ModelVersionAnswer(serializers.ModelSerializer):
    """A version of a model."""

    model_id = serializers.IntegerField()

    class Meta:
        model = ModelVersion
        fields = ("id", "model_id", "version", "status", "registered_at", "registered_by")


class ModelAnswer(serializers.ModelSerializer):
    """A model, its versions, and the clients that may post for it."""

    versions = ModelVersionAnswer(many=True)
    posters = serializers.SlugRelatedField(slug_field="client_id", many=True, read_only=True)

    class Meta:
        model = AIModel
        fields = ("id", "name", "manufacturer", "intended_use", "registered_at", "registered_by", "versions", "posters")


class OverlayAnswer(serializers.ModelSerializer):
    """A line of results."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    patient_id = serializers.CharField(source="study.patient_id")

    class Meta:
        model = Overlay
        fields = (
            "id",
            "study_instance_uid",
            "patient_id",
            "kind",
            "content_label",
            "model_name",
            "model_manufacturer",
            "source_series",
            "segments",
            "last_number",
            "created_at",
        )


class VersionAnswer(serializers.ModelSerializer):
    """One version of an overlay, without what the object says of the patient."""

    overlay = serializers.UUIDField(source="overlay_id")
    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    series_instance_uid = serializers.CharField(source="series.series_instance_uid")
    parent_sop_instance_uid = serializers.CharField(source="parent.sop_instance_uid", default=None)
    model_version = ModelVersionAnswer(allow_null=True)

    class Meta:
        model = OverlayVersion
        fields = (
            "overlay",
            "number",
            "sop_instance_uid",
            "sop_class_uid",
            "study_instance_uid",
            "series_instance_uid",
            "modality",
            "transfer_syntax_uid",
            "number_of_frames",
            "sha256",
            "size",
            "claimed_name",
            "claimed_version",
            "claimed_manufacturer",
            "model_version",
            "author",
            "parent_sop_instance_uid",
            "source_count",
            "verification",
            "review_state",
            "reviewed_at",
            "reviewed_by",
            "stored_at",
            "stored_by",
        )


class VersionDetail(VersionAnswer):
    """One version, with its findings, and with its content for those who may read it."""

    class Meta(VersionAnswer.Meta):
        fields = (*VersionAnswer.Meta.fields, "claims", "findings", "content")


class ReviewAnswer(serializers.ModelSerializer):
    """One review."""

    class Meta:
        model = Review
        fields = (
            "id",
            "decision",
            "reason_code",
            "reason_scheme",
            "reason_meaning",
            "comment",
            "seen_sha256",
            "reviewed_at",
            "reviewer_name",
        )


class ChangedModelVersion(serializers.Serializer):
    """The model version that a change is about."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    manufacturer = serializers.CharField(allow_blank=True)


class ChangeAnswer(serializers.Serializer):
    """One change: of a version, with its study, or of a model version, with neither. ``position`` is different for each."""

    position = serializers.CharField()
    event = serializers.ChoiceField([(str(event), str(event)) for event in TOLD])
    at = serializers.DateTimeField()
    study_instance_uid = serializers.CharField(allow_null=True)
    sop_instance_uid = serializers.CharField(allow_null=True)
    model_version = ChangedModelVersion(allow_null=True)


class ChangesAnswer(serializers.Serializer):
    """What changed; ``after`` goes into the next call, made after ``poll_seconds``: at once where that is 0."""

    changes = ChangeAnswer(many=True)
    after = serializers.CharField()
    poll_seconds = serializers.IntegerField(min_value=0)


class AuditEntryAnswer(serializers.ModelSerializer):
    """One act, with its sentence."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "event",
            "sentence",
            "at",
            "actor_kind",
            "actor_key",
            "actor_name",
            "client_id",
            "correlation_id",
            "study_instance_uid",
            "subject",
            "schema",
            "data",
        )

    def get_sentence(self, entry: AuditEntry) -> str:
        """What happened, for people."""
        return sentence(entry.event, entry.actor_name, entry.data)


class AuditPage(serializers.Serializer):
    """Entries in order; ``next_after`` goes into the next call's ``after``, and is null at the end."""

    entries = AuditEntryAnswer(many=True)
    next_after = serializers.IntegerField(allow_null=True)
