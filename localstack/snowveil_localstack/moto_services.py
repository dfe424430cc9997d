"""Expose moto backends as LocalStack providers (no ASF API stub needed: dispatch table built from the botocore spec)."""
from localstack.aws.spec import load_service
from localstack.aws.skeleton import Skeleton
from localstack.services.plugins import Service, aws_provider

# botocore service name -> moto backend name, only where stripping "-" is not enough
MOTO_NAMES = {"application-autoscaling": "applicationautoscaling"}


def _moto_handler(context, request):
    from localstack.services import moto as ls_moto

    return ls_moto.call_moto(context)


# -- per-operation fixes for what moto leaves out (found as `terraform plan` drift or 501) -----------------------------
TAGS: dict[str, dict[str, str]] = {}


def _aas_tag(context, request):
    TAGS.setdefault(request["ResourceARN"], {}).update(request.get("Tags") or {})
    return {}


def _aas_untag(context, request):
    for k in request.get("TagKeys") or []:
        TAGS.get(request["ResourceARN"], {}).pop(k, None)
    return {}


def _aas_register(context, request):
    r = _moto_handler(context, request)
    if request.get("Tags"):
        TAGS.setdefault(r["ScalableTargetARN"], {}).update(request["Tags"])
    return r


def _asg_describe_policies(context, request):
    r = _moto_handler(context, request)
    for p in r.get("ScalingPolicies", []):
        p["Enabled"] = True
        if p.get("PolicyType") != "PredictiveScaling":
            p.pop("PredictiveScalingConfiguration", None)
    return r


def _kinesis_create_stream(context, request):  # moto ignores Tags here
    r = _moto_handler(context, request)
    if request.get("Tags"):
        from moto.kinesis.models import kinesis_backends

        stream = kinesis_backends[context.account_id][context.region].streams[request["StreamName"]]
        stream.tags.update(request["Tags"])
    return r


def _kinesis_iterator(context, request):  # moto encodes stream name None when called with StreamARN only
    from localstack.services import moto as ls_moto

    if request.get("StreamARN") and not request.get("StreamName"):
        request = {**request, "StreamName": request["StreamARN"].split(":stream/")[1]}
        return ls_moto.call_moto_with_request(context, request)
    return _moto_handler(context, request)


OVERRIDES = {
    "kinesis": {"CreateStream": _kinesis_create_stream, "GetShardIterator": _kinesis_iterator},
    "application-autoscaling": {
        "RegisterScalableTarget": _aas_register,
        "TagResource": _aas_tag,
        "UntagResource": _aas_untag,
        "ListTagsForResource": lambda c, r: {"Tags": TAGS.get(r["ResourceARN"], {})},
    },
    "autoscaling": {"DescribePolicies": _asg_describe_policies},
}


class MotoProvider:
    """Dummy provider object so that Service._provider/state visitors have something to look at."""

    def __init__(self, service: str):
        self.service = service

    def accept_state_visitor(self, visitor):
        from moto.backends import get_backend

        visitor.visit(get_backend(MOTO_NAMES.get(self.service, self.service)))


def moto_service(name: str) -> Service:
    from localstack.services import moto as ls_moto

    if name in MOTO_NAMES and not getattr(ls_moto, "_names_patched", False):
        orig = ls_moto.load_moto_routing_table
        ls_moto.load_moto_routing_table = lambda s: orig(MOTO_NAMES.get(s, s))
        ls_moto._names_patched = True
    model = load_service(name)
    table = {op: _moto_handler for op in model.operation_names}
    table.update(OVERRIDES.get(name, {}))
    provider = MotoProvider(name)
    service = Service(name=name, skeleton=Skeleton(model, table))
    service._provider = provider
    return service


def _plugin(api: str, name: str = "default"):
    return aws_provider(api=api, name=name)(lambda: moto_service(api))


dynamodb = _plugin("dynamodb", "moto")
autoscaling = _plugin("autoscaling", "moto")
elbv2 = _plugin("elbv2", "moto")
application_autoscaling = _plugin("application-autoscaling", "moto")
wafv2 = _plugin("wafv2", "moto")
kinesis = _plugin("kinesis", "moto")
