# How the program gets onto the instance, and its unit: a bundle of ours, or an image of somebody else's.
locals {
  # cloud-init goes on after a failed command, so what must not happen after a failure is part of the same command.
  install_bundle = [for bundle in var.bundle[*] : [
    concat(["dnf", "install", "-y", "python3.13"], var.packages),
    ["mkdir", "-p", local.home, dirname(local.log_path)],
    [
      "aws", "s3api", "get-object", "--region", data.aws_region.this.id, "--bucket", bundle.bucket,
      "--key", bundle.key, "--version-id", bundle.version_id, local.archive,
    ],
    [
      "sh", "-c",
      "echo '${bundle.sha256}  ${local.archive}' | sha256sum -c && tar -xzf ${local.archive} -C ${local.home}",
    ],
  ]]

  registry_form = "^(\\d{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([a-z0-9][a-z0-9._/-]*)$"
  registry      = var.container == null ? null : split("/", var.container.image)[0]
  pinned_image  = var.container == null ? null : "${var.container.image}@${var.container.digest}"

  install_container = var.container == null ? [] : [
    ["dnf", "install", "-y", "docker"],
    # The volume of the container, and the directory that Enrich wants, even without a file.
    ["mkdir", "-p", "/etc/snowveil/enrichments"],
    ["systemctl", "enable", "--now", "docker"],
    [
      "sh", "-c",
      join(" ", [
        "aws ecr get-login-password --region ${data.aws_region.this.id}",
        "| docker login --username AWS --password-stdin ${local.registry}",
        "&& docker pull --quiet ${local.pinned_image} && docker logout ${local.registry}",
      ]),
    ],
  ]

  # What somebody else's program prints may quote an event: it stays in memory, on the instance, and is never shipped.
  ship_log = var.container == null ? [
    # After the program: it runs without its log, the log is nothing without it.
    ["dnf", "install", "-y", "amazon-cloudwatch-agent"],
    ["systemctl", "enable", "--now", "amazon-cloudwatch-agent"],
  ] : []

  log_files = var.container == null ? {
    "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json" = jsonencode(local.agent_config)
    "/etc/logrotate.d/${local.unit}"                                    = local.rotation
    } : {
    "/etc/systemd/journald@snowveil.conf" = "[Journal]\nStorage=volatile\nRuntimeMaxUse=20M\nForwardToSyslog=no\n"
  }

  unit_file = templatefile("${path.module}/templates/${var.container == null ? "unit" : "container"}.service.tftpl", {
    program       = var.program
    arguments     = join(" ", concat(["--config", local.config_path], var.arguments))
    home          = local.home
    unit          = local.unit
    region        = data.aws_region.this.id
    log_path      = local.log_path
    image         = local.pinned_image
    drain_seconds = var.drain_seconds
    fetch_secrets = length(var.secret_files) == 0 ? "" : "ExecStartPre=+/bin/sh ${local.secrets_path}\n"
  })
}
