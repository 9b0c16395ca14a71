"""Hands out comparisons of two versions."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from overlays.api.base import Address
from overlays.dicom.compare.figures import DEFINITIONS, SENTENCES, Comparison, MatchedBy, Missing, SegmentPair
from overlays.governance.permissions import Action
from overlays.models.choices import choices
from overlays.queries.comparisons import readable_comparison
from overlays.queries.uids import require_uid

FIGURES = ("dice", "jaccard", "volume_change_ml", "volume_change_percent", "hausdorff_95_mm", "hausdorff_mm")


class VoxelAnswer(serializers.Serializer):
    """The sides of a voxel, in millimetres."""

    slice_distance = serializers.FloatField()
    row_spacing = serializers.FloatField()
    column_spacing = serializers.FloatField()


class SizeAnswer(serializers.Serializer):
    """One segment of one version; the volume is null where none can be told."""

    number = serializers.IntegerField()
    label = serializers.CharField()
    voxels = serializers.IntegerField()
    volume_ml = serializers.FloatField(allow_null=True)


class MissingAnswer(serializers.Serializer):
    """Why a figure is null."""

    figure = serializers.ChoiceField(FIGURES)
    reason = serializers.ChoiceField(choices(Missing))
    sentence = serializers.CharField()


class PairAnswer(serializers.Serializer):
    """One segment in both versions. A figure that is null is named in ``missing``."""

    matched_by = serializers.ChoiceField(choices(MatchedBy))
    before = SizeAnswer()
    after = SizeAnswer()
    common_voxels = serializers.IntegerField()
    dice = serializers.FloatField(allow_null=True)
    jaccard = serializers.FloatField(allow_null=True)
    volume_change_ml = serializers.FloatField(allow_null=True)
    volume_change_percent = serializers.FloatField(allow_null=True)
    hausdorff_95_mm = serializers.FloatField(allow_null=True)
    hausdorff_mm = serializers.FloatField(allow_null=True)
    missing = serializers.SerializerMethodField()

    @extend_schema_field(MissingAnswer(many=True))
    def get_missing(self, pair: SegmentPair) -> list[dict]:
        """Each figure that is not given, with its reason."""
        return [
            {"figure": figure, "reason": reason, "sentence": SENTENCES[reason]}
            for figure, reason in pair.missing.items()
        ]


class ComparisonAnswer(serializers.Serializer):
    """How far two versions agree; ``before`` is the version compared with, ``after`` the one that was asked about."""

    sop_instance_uid = serializers.CharField()
    compared_with = serializers.CharField()
    voxel_mm = VoxelAnswer(allow_null=True)
    fractional_threshold = serializers.FloatField(allow_null=True)
    segments = PairAnswer(many=True, source="pairs")
    only_before = SizeAnswer(many=True)
    only_after = SizeAnswer(many=True)
    definitions = serializers.DictField(child=serializers.CharField())


class ComparisonOfVersions(Address):
    """How far one version agrees with another."""

    actions = {"GET": Action.READ_OVERLAYS}

    @extend_schema(responses=ComparisonAnswer, operation_id="compare_versions")
    def get(self, request: Request, sop_uid: str, other_sop_uid: str) -> Response:
        """Dice, Jaccard, volumes and surface distances by segment, from the other version to this one; 409 on another geometry."""
        after, before = require_uid(sop_uid, "SOPInstanceUID"), require_uid(other_sop_uid, "SOPInstanceUID")
        return Response(answer_of(readable_comparison(actor=self.actor, before=before, after=after), before, after))


def answer_of(found: Comparison, before: str, after: str) -> dict:
    """The comparison as it is answered."""
    sides = ("slice_distance", "row_spacing", "column_spacing")
    told = {
        "sop_instance_uid": after,
        "compared_with": before,
        "voxel_mm": dict(zip(sides, found.voxel_mm, strict=True)) if found.voxel_mm else None,
        "fractional_threshold": found.fractional_threshold,
        "pairs": found.pairs,
        "only_before": found.only_before,
        "only_after": found.only_after,
        "definitions": DEFINITIONS,
    }
    return ComparisonAnswer(told).data
