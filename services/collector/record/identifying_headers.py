"""Headers that carry the sender's address or identity: they stay out of an anonymous request's record.

Two rules. By name: what proxies, CDNs, load balancers, mobile networks and log-in gateways are documented to add, each
group with its source. By value: whatever header has an address among its elements, for those that no list knows.
"""

import re
from ipaddress import ip_address

# Each line of names follows its source.
_BY_SOURCE = """
    # HTTP itself: RFC 7239; RFC 6265 and 2965; RFC 9110, sections 7.6.3, 10.1.2, 11.6 and 11.7; RFC 9440
    forwarded cookie cookie2 via from authorization proxy-authorization client-cert client-cert-chain
    # de facto, of reverse proxies: Squid, nginx (X-Real-IP) and its Kubernetes ingress (X-Original-Forwarded-For),
    # HAProxy, Apache's mod_remoteip (Client-IP), Rackspace and Riverbed (X-Cluster-Client-IP), Exchange
    x-forwarded x-forwarded-for forwarded-for x-original-forwarded-for x-real-ip client-ip x-client-ip x-clientip
    x-cluster-client-ip x-remote-ip x-remote-addr remote-addr x-originating-ip x-proxyuser-ip x-source-ip
    # Envoy, "HTTP header manipulation"; Oracle WebLogic, "Proxy plug-ins"
    x-envoy-external-address x-forwarded-client-cert proxy-client-ip wl-proxy-client-ip wl-proxy-client-cert
    x-ssl-client-cert x-ssl-client-dn x-ssl-client-s-dn x-client-cert
    # Cloudflare, "HTTP headers" and "Access: application token"; True-Client-IP is Akamai's too
    cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 true-client-ip cf-access-authenticated-user-email
    cf-access-jwt-assertion cf-iplatitude cf-iplongitude cf-postal-code cf-ja3-hash cf-ja4
    # Amazon CloudFront, "Add CloudFront request headers"
    cloudfront-viewer-address cloudfront-viewer-latitude cloudfront-viewer-longitude cloudfront-viewer-postal-code
    cloudfront-viewer-ja3-fingerprint cloudfront-viewer-ja4-fingerprint
    # AWS Application Load Balancer, "Authenticate users" and "Mutual authentication with TLS"
    x-amzn-oidc-accesstoken x-amzn-oidc-identity x-amzn-oidc-data x-amzn-mtls-clientcert x-amzn-mtls-clientcert-leaf
    x-amzn-mtls-clientcert-subject x-amzn-mtls-clientcert-issuer x-amzn-mtls-clientcert-serial-number
    x-amzn-mtls-clientcert-validity
    # Akamai (EdgeScape, Account Protector), Fastly, Imperva, Sucuri, KeyCDN
    x-akamai-edgescape x-akamai-user-risk akamai-client-ip fastly-client-ip fastly-client incap-client-ip
    x-sucuri-clientip x-sucuri-client-ip x-pull-client-ip
    # Azure Front Door and App Service; Google App Engine and Identity-Aware Proxy
    x-azure-clientip x-azure-socketip x-ms-client-principal x-ms-client-principal-id x-ms-client-principal-name
    x-appengine-user-ip x-appengine-remote-addr x-appengine-citylatlong x-goog-authenticated-user-email
    x-goog-authenticated-user-id x-goog-iap-jwt-assertion
    # Fly.io, Netlify, Vercel, DigitalOcean, Tailscale
    fly-client-ip x-nf-client-connection-ip x-vercel-forwarded-for x-vercel-proxied-for x-vercel-ip-latitude
    x-vercel-ip-longitude x-vercel-ip-postal-code do-connecting-ip tailscale-user-login tailscale-user-name
    # log-in gateways: oauth2-proxy, Authelia, Apache's and nginx's REMOTE_USER; keys and session tokens of APIs
    x-forwarded-user x-forwarded-email x-forwarded-groups x-forwarded-preferred-username x-forwarded-access-token
    x-auth-request-user x-auth-request-email x-auth-request-preferred-username x-auth-request-access-token
    x-remote-user remote-user remote-name remote-email remote-groups x-user x-user-id x-user-email x-api-key
    x-auth-token x-access-token x-csrf-token x-xsrf-token x-session-id
    # mobile networks: subscriber and device numbers (Mulliner, "Privacy leaks in mobile phone internet access",
    # 2010), and the tracking headers of Verizon (UIDH), AT&T (ACR), Vodafone (VF-ACR) and others
    msisdn x-msisdn x-wap-msisdn x-nokia-msisdn x-up-calling-line-id x-up-subno x-up-subscriber-coi x-imsi x-imei
    x-network-info x-nokia-ipaddress x-jphone-uid x-em-uid x-dcmguid x-uidh x-acr x-vf-acr x-amobee-1 x-amobee-2
    x-device-id x-wap-clientid x-h3g-msisdn x-huawei-userid
"""
_NAMES = frozenset(
    name.encode() for line in _BY_SOURCE.splitlines() if not line.lstrip().startswith("#") for name in line.split()
)
# The server's own address, and versions of a browser with four parts.
_NEVER_ADDRESSES = (b"host", b"user-agent", b"sec-ch-ua")
_SEPARATORS = re.compile(r"[\s,;=\"]+")
_PORT = re.compile(r"(?<=\]):\d+$|(?<=^)([0-9.]+):\d+$")


def is_identifying(line: bytes) -> bool:
    """Return whether a header line, `Name: value`, may say who sent the request or from where."""
    name, _, value = line.partition(b":")
    name = name.strip().lower()
    return name in _NAMES or (not name.startswith(_NEVER_ADDRESSES) and _has_address(value.decode("utf-8", "replace")))


def _has_address(value: str) -> bool:
    return any(map(_is_address, _SEPARATORS.split(value)))


def _is_address(text: str) -> bool:
    """Return whether the text is an address, also in brackets, with a port or with a zone."""
    if "." not in text and ":" not in text:
        return False
    try:
        ip_address(_PORT.sub(r"\1", text).strip("[]'").partition("%")[0])
    except ValueError:
        return False
    return True
