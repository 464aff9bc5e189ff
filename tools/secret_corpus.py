#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Makes secrets in the published formats of their vendors and puts them where programs print them.

usage: secret_corpus.py [--seed N] [--each N]

Prints JSON lines {"kind", "where", "text", "secret"}: `secret` is what must not be left of `text`. The same seed gives
the same lines. It knows nothing of the redaction that is measured with it: formats are those of the vendors, places are
those of logs. A secret that no name announces and no form gives away, such as a bare number, is in none.
"""
import argparse
import base64
import json
import random
import string

LOWER = string.ascii_lowercase
UPPER = string.ascii_uppercase
DIGITS = string.digits
ALNUM = string.ascii_letters + DIGITS
WORD = ALNUM + "_"
URL = ALNUM + "_-"
HEX = "0123456789abcdef"
BASE64 = ALNUM + "+/"
BASE32 = UPPER + "234567"
BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


class Maker:
    """Makes single secrets; every method of a kind gives the text that is secret."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def of(self, alphabet, count):
        return "".join(self.random.choice(alphabet) for _ in range(count))

    def base64_of(self, count):
        return base64.b64encode(self.bytes(count)).decode()

    def base64url_of(self, count):
        return base64.urlsafe_b64encode(self.bytes(count)).decode().rstrip("=")

    def bytes(self, count):
        return bytes(self.random.randrange(256) for _ in range(count))

    def uuid(self):
        return "-".join(self.of(HEX, n) for n in (8, 4, 4, 4, 12))

    def password(self):
        """As people and managers choose them: with marks, but nothing that would have to be quoted."""
        return self.of(ALNUM + "!#$%*+-.^_~", self.random.randint(8, 24)) + self.of(ALNUM, 2)

    def jwt(self):
        part = lambda what: base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")
        head = {"alg": self.random.choice(["HS256", "RS256", "ES256"]), "typ": "JWT"}
        body = {"sub": self.of(DIGITS, 10), "iat": self.random.randrange(10**9, 2 * 10**9), "name": self.of(LOWER, 8)}
        return ".".join([part(head), part(body), self.base64url_of(32)])

    def discord(self):
        account = str(self.random.randrange(10**17, 14 * 10**17)).encode()
        return "%s.%s.%s" % (base64.b64encode(account).decode().rstrip("="), self.of(URL, 6), self.of(URL, 38))

    def pem_body(self, lines):
        return [self.of(BASE64, 64) for _ in range(lines)] + [self.of(BASE64, self.random.randint(8, 60)) + "="]


# Tokens that are known by their form: they are found wherever they stand, whatever is called so.
BY_FORM = {
    "aws_access_key_id": lambda m: m.random.choice(["AKIA", "ASIA"]) + m.of(BASE32, 16),
    "github_personal": lambda m: "ghp_" + m.of(ALNUM, 36),
    "github_oauth": lambda m: "gho_" + m.of(ALNUM, 36),
    "github_app": lambda m: m.random.choice(["ghs_", "ghu_", "ghr_"]) + m.of(ALNUM, 36),
    "github_fine_grained": lambda m: "github_pat_" + m.of(ALNUM, 22) + "_" + m.of(ALNUM, 59),
    "gitlab_personal": lambda m: "glpat-" + m.of(URL, 20),
    "gitlab_other": lambda m: m.random.choice(["gldt-", "glrt-", "glptt-", "glsoat-", "glft-"]) + m.of(URL, 20),
    "slack_bot": lambda m: "xoxb-%s-%s-%s" % (m.of(DIGITS, 12), m.of(DIGITS, 13), m.of(ALNUM, 24)),
    "slack_user": lambda m: "xoxp-%s-%s-%s-%s" % (m.of(DIGITS, 12), m.of(DIGITS, 12), m.of(DIGITS, 13), m.of(HEX, 32)),
    "stripe_secret": lambda m: "sk_live_" + m.of(ALNUM, m.random.choice([24, 99])),
    "stripe_restricted": lambda m: "rk_live_" + m.of(ALNUM, m.random.choice([24, 99])),
    "sendgrid": lambda m: "SG.%s.%s" % (m.of(URL, 22), m.of(URL, 43)),
    "twilio_api_key": lambda m: "SK" + m.of(HEX, 32),
    "npm": lambda m: "npm_" + m.of(ALNUM, 36),
    "pypi": lambda m: "pypi-AgEIcHlwaS5vcmc" + m.of(URL, m.random.randint(130, 160)),
    "google_api_key": lambda m: "AIza" + m.of(URL, 35),
    "google_oauth_secret": lambda m: "GOCSPX-" + m.of(URL, 28),
    "jwt": lambda m: m.jwt(),
    "new_relic": lambda m: "NRAK-" + m.of(UPPER + DIGITS, 27),
    "digitalocean": lambda m: m.random.choice(["dop_v1_", "doo_v1_", "dor_v1_"]) + m.of(HEX, 64),
    "huggingface": lambda m: "hf_" + m.of(string.ascii_letters, 34),
    "openai": lambda m: "sk-" + m.of(ALNUM, 20) + "T3BlbkFJ" + m.of(ALNUM, 20),
    "openai_project": lambda m: "sk-proj-" + m.of(URL, 74) + "T3BlbkFJ" + m.of(URL, 74),
    "anthropic": lambda m: "sk-ant-api03-" + m.of(URL, 93) + "AA",
    "mailgun": lambda m: "key-" + m.of(HEX, 32),
    "telegram_bot": lambda m: "%s:AA%s" % (m.of("123456789", 1) + m.of(DIGITS, 9), m.of(URL, 33)),
    "discord_bot": lambda m: m.discord(),
    "vault": lambda m: m.random.choice(["hvs.", "hvb."]) + m.of(URL, m.random.randint(90, 120)),
    "doppler": lambda m: "dp.pt." + m.of(ALNUM, 43),
    "heroku": lambda m: "HRKU-AA" + m.of(URL, 58),
    "linear": lambda m: "lin_api_" + m.of(ALNUM, 40),
    "notion": lambda m: m.random.choice(["secret_" + m.of(ALNUM, 43), "ntn_" + m.of(DIGITS, 11) + m.of(ALNUM, 35)]),
    "shopify": lambda m: m.random.choice(["shpat_", "shpss_", "shpca_", "shppa_"]) + m.of(HEX, 32),
    "square": lambda m: m.random.choice(["sq0atp-" + m.of(URL, 22), "sq0csp-" + m.of(URL, 43)]),
    "databricks": lambda m: "dapi" + m.of(HEX, 32),
    "grafana": lambda m: "glsa_%s_%s" % (m.of(ALNUM, 32), m.of(HEX, 8)),
    "terraform": lambda m: "%s.atlasv1.%s" % (m.of(ALNUM, 14), m.of(URL, 67)),
    "postman": lambda m: "PMAK-%s-%s" % (m.of(HEX, 24), m.of(HEX, 34)),
    "sendinblue": lambda m: "xkeysib-%s-%s" % (m.of(HEX, 64), m.of(ALNUM, 16)),
    "planetscale": lambda m: "pscale_%s_%s" % (m.random.choice(["tkn", "pw", "oauth"]), m.of(URL, 43)),
    "rubygems": lambda m: "rubygems_" + m.of(HEX, 48),
    "tailscale": lambda m: "tskey-auth-%s-%s" % (m.of(ALNUM, 17), m.of(ALNUM, 32)),
    "pulumi": lambda m: "pul-" + m.of(HEX, 40),
    "sentry": lambda m: m.random.choice(["sntrys_eyJ" + m.of(ALNUM, 120), "sntryu_" + m.of(HEX, 64)]),
    "atlassian": lambda m: "ATATT3xFfGF0" + m.of(URL, 171) + "=" + m.of(HEX.upper(), 8),
    "groq": lambda m: "gsk_" + m.of(ALNUM, 52),
    "replicate": lambda m: "r8_" + m.of(ALNUM, 37),
    "fly": lambda m: "FlyV1 fm2_" + m.of(BASE64, 140),
    "supabase": lambda m: "sbp_" + m.of(HEX, 40),
    "gcp_oauth_token": lambda m: "ya29." + m.of(URL, 140),
    "age": lambda m: "AGE-SECRET-KEY-1" + m.of(BECH32, 58),
}

# Values that only a name gives away, with names that their users give them.
BY_NAME = {
    "aws_secret": (lambda m: m.of(BASE64, 40), ["AWS_SECRET_ACCESS_KEY", "aws_secret_access_key", "secretAccessKey"]),
    "azure_storage": (lambda m: m.base64_of(64), ["AccountKey", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"]),
    "datadog": (lambda m: m.of(HEX, 32), ["DD_API_KEY", "datadog_api_key", "DD-API-KEY"]),
    "datadog_app": (lambda m: m.of(HEX, 40), ["DD_APP_KEY", "DD_APPLICATION_KEY"]),
    "new_relic_license": (lambda m: m.of(HEX, 36) + "NRAL", ["NEW_RELIC_LICENSE_KEY", "license_key"]),
    "twilio_auth": (lambda m: m.of(HEX, 32), ["TWILIO_AUTH_TOKEN", "authToken"]),
    "heroku_uuid": (lambda m: m.uuid(), ["HEROKU_API_KEY", "heroku_api_key"]),
    "password": (lambda m: m.password(), ["password", "DB_PASSWORD", "PGPASSWORD", "dbPassword", "passwd", "MYSQL_PWD"]),
    "api_key": (lambda m: m.of(ALNUM, 32), ["api_key", "apiKey", "X-Api-Key", "API_TOKEN"]),
    "client_secret": (lambda m: m.of(URL, 40), ["client_secret", "clientSecret", "OAUTH_CLIENT_SECRET"]),
    "session": (lambda m: m.of(ALNUM, 32), ["session_id", "PHPSESSID", "JSESSIONID", "sessionToken"]),
    "signing_key": (lambda m: m.base64_of(32), ["JWT_SIGNING_KEY", "SECRET_KEY_BASE", "ENCRYPTION_KEY", "APP_KEY"]),
}

HARMLESS = ["value", "input", "item", "data", "result", "config", "id"]
WORDS = "request failed worker started after retry upstream closed timeout cache loaded for user order queue".split()


def words(m, count):
    return " ".join(m.random.choice(WORDS) for _ in range(count))


def line_with(m, what):
    shapes = ["2024-03-0%d 12:%02d:07 ERROR %s: {} %s", "[%d:%02d] %s {}, %s", "%d-%02d %s <{}> %s", "I%d%02d %s '{}' %s"]
    shape = m.random.choice(shapes) % (m.random.randint(1, 9), m.random.randint(10, 59), words(m, 2), words(m, 2))
    return shape.replace("{}", what)


def places_by_form(m, secret):
    harmless = m.random.choice(HARMLESS)
    yield "line", line_with(m, secret)
    yield "json", json.dumps({"level": "info", harmless: secret, "took_ms": m.random.randint(1, 900)})
    yield "json_in_json", json.dumps({"msg": json.dumps({harmless: secret}), "n": 1})
    yield "escaped", json.dumps({"msg": "%s\n%s\n%s" % (words(m, 2), secret, words(m, 1))})
    yield "url_encoded", "GET /login?next=%%2Fhome%%3F%s%%3D%s%%26page%%3D2 302" % (harmless, secret)
    yield "url", "GET https://api.example.com/v1/%s?%s=%s&page=2 200" % (m.random.choice(WORDS), harmless, secret)
    yield "environment", "%s=%s" % (harmless.upper(), secret)
    yield "argument", "--%s=%s" % (harmless, secret)


def places_by_name(m, name, secret):
    yield "line", line_with(m, "%s=%s" % (name, secret))
    yield "yaml", "  %s: %s" % (name, secret)
    yield "json", json.dumps({"level": "info", name: secret, "took_ms": m.random.randint(1, 900)})
    yield "json_in_json", json.dumps({"msg": json.dumps({name: secret}), "n": 1})
    yield "escaped", json.dumps({"msg": "%s\n%s=%s\n%s" % (words(m, 2), name, secret, words(m, 1))})
    yield "shell", "+ export %s='%s'" % (name.upper().replace("-", "_"), secret)
    yield "go_map", "map[%s:%s retries:3]" % (name, secret)
    if not set(secret) & set("<>&"):
        yield "xml", "<config><%s>%s</%s></config>" % (name, secret, name)
    yield "ruby", ":%s=>\"%s\", :retries=>3" % (name.replace("-", "_"), secret)
    yield "quoted", "%s = \"%s\"" % (name, secret)
    yield "environment", "%s=%s" % (name.upper().replace("-", "_"), secret)
    yield "argument", "--%s %s" % (name.lower().replace("_", "-"), secret)
    if not set(secret) & set("#+/=%&"):
        yield "url", "POST /v1/items?page=2&%s=%s&sort=up HTTP/1.1" % (name, secret)
    yield "dump", "{'%s': '%s', 'retries': 3}" % (name, secret)


def cases_of_texts(m):
    """What has a form of its own around the secret."""
    user, host, password = m.of(LOWER, 6), m.of(LOWER, 7) + ".example.com", m.password().replace("#", "x")
    scheme = m.random.choice(["postgres", "postgresql", "mysql", "redis", "amqp", "mongodb+srv", "mssql", "clickhouse"])
    address = "%s://%s:%s@%s:5432/%s" % (scheme, user, password, host, m.of(LOWER, 5))
    yield "database_url", "line", line_with(m, "connecting to " + address), password
    yield "database_url", "environment", "DATABASE_URL=" + address, password
    yield "database_url", "json", json.dumps({"dsn": address}), password
    yield "database_url", "argument", "--database=" + address, password
    basic = "https://%s:%s@%s/path?x=1" % (user, password, host)
    yield "url_basic_auth", "line", line_with(m, "fetching " + basic), password
    yield "url_basic_auth", "json", json.dumps({"remote": basic}), password
    token = m.of(ALNUM, 40)
    yield "url_token", "line", "fatal: unable to access 'https://%s@git.example.com/a/b.git/'" % token, token
    encoded = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
    yield "authorization_basic", "header", "Authorization: Basic " + encoded, encoded
    yield "authorization_basic", "line", line_with(m, "-H \"Authorization: Basic %s\"" % encoded), encoded
    yield "authorization_basic", "json", json.dumps({"headers": {"Authorization": "Basic " + encoded}}), encoded
    opaque = m.of(URL, 40)
    yield "bearer", "header", "authorization: Bearer " + opaque, opaque
    yield "bearer", "line", line_with(m, "sent Bearer " + opaque), opaque
    yield "bearer", "json", json.dumps({"auth": "Bearer " + opaque}), opaque
    yield "authorization_other", "header", "Authorization: Token " + opaque, opaque
    yield "authorization_other", "header", "Proxy-Authorization: ApiKey " + opaque, opaque
    digest = m.of(HEX, 32)
    yield "authorization_digest", "header", "Authorization: Digest username=\"%s\", response=\"%s\"" % (user, digest), digest
    yield "cookie", "header", "Cookie: theme=dark; sid=" + opaque, opaque
    yield "set_cookie", "header", "Set-Cookie: session=%s; Path=/; HttpOnly; Secure" % opaque, opaque
    yield "set_cookie", "line", line_with(m, "< set-cookie: connect.sid=%s; Path=/" % opaque), opaque
    yield "cookie", "json", json.dumps({"headers": {"cookie": "sid=" + opaque}}), opaque
    hook = "T%s/B%s/%s" % (m.of(UPPER + DIGITS, 10), m.of(UPPER + DIGITS, 10), m.of(ALNUM, 24))
    yield "slack_webhook", "line", line_with(m, "posting to https://hooks.slack.com/services/" + hook), hook
    yield "slack_webhook", "environment", "SLACK_URL=https://hooks.slack.com/services/" + hook, hook
    yield "slack_webhook", "json", json.dumps({"url": "https://hooks.slack.com/services/" + hook}), hook
    hook = "%s/%s" % (m.of(DIGITS, 18), m.of(URL, 68))
    yield "discord_webhook", "line", line_with(m, "POST https://discord.com/api/webhooks/" + hook), hook
    bot = BY_FORM["telegram_bot"](m)
    yield "telegram_bot", "url_path", "GET https://api.telegram.org/bot%s/getMe 401" % bot, bot
    key = m.base64_of(64)
    storage = "DefaultEndpointsProtocol=https;AccountName=%s;AccountKey=%s;EndpointSuffix=core.windows.net" % (user, key)
    yield "azure_storage", "connection_string", storage, key
    yield "azure_storage", "environment", "AZURE_STORAGE_CONNECTION_STRING=" + storage, key
    yield "azure_storage", "json", json.dumps({"ConnectionString": storage}), key
    bus = "Endpoint=sb://%s/;SharedAccessKeyName=root;SharedAccessKey=%s" % (host, key)
    yield "azure_service_bus", "connection_string", bus, key
    signature = m.of(ALNUM, 40) + "%3D"
    yield "azure_sas", "url", "GET https://x.blob.core.windows.net/a?sv=2022-11-02&sp=r&sig=%s 200" % signature, signature
    signed = m.of(HEX, 64)
    yield "aws_presigned", "url", "GET https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=%s 200" % signed, signed
    yield "sql_server", "connection_string", "Server=%s;User Id=%s;Password=%s;Encrypt=true" % (host, user, password), password
    yield "libpq", "connection_string", "host=%s user=%s password=%s dbname=x" % (host, user, password), password
    labels = ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
              "DSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
    label = m.random.choice(labels)
    body = m.pem_body(m.random.randint(3, 25))
    frame = lambda mark: mark.join(["-----BEGIN %s-----" % label] + body + ["-----END %s-----" % label])
    yield "pem", "lines", "loading\n%s\nloaded" % frame("\n"), "\n".join(body)
    yield "pem", "escaped", line_with(m, frame("\\n")), "\n".join(body)
    yield "pem", "json", json.dumps({"key": frame("\n")}), "\n".join(body)
    account = {"type": "service_account", "project_id": user, "private_key_id": m.of(HEX, 40),
               "private_key": frame("\n").replace(label, "PRIVATE KEY"), "client_email": user + "@x.example.com"}
    yield "gcp_service_account", "json", json.dumps(account), "\n".join(body)
    yield "gcp_service_account", "json_lines", json.dumps(account, indent=2), "\n".join(body)
    yield "netrc", "line", "machine %s login %s password %s" % (host, user, password), password
    yield "docker_config", "json", json.dumps({"auths": {host: {"auth": encoded}}}), encoded
    yield "curl_user", "line", "curl -u %s:%s https://%s/" % (user, password, host), password


def cases(seed, each):
    m = Maker(seed)
    for _ in range(each):
        for kind, make in BY_FORM.items():
            secret = make(m)
            for where, text in places_by_form(m, secret):
                yield kind, where, text, secret
        for kind, (make, names) in BY_NAME.items():
            secret = make(m)
            for where, text in places_by_name(m, m.random.choice(names), secret):
                yield kind, where, text, secret
        yield from cases_of_texts(m)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=12, help="secrets of each kind")
    given = parser.parse_args()
    for kind, where, text, secret in cases(given.seed, given.each):
        print(json.dumps({"kind": kind, "where": where, "text": text, "secret": secret}))


if __name__ == "__main__":
    main()
