locals {
  home        = "/opt/snowveil/${var.program}"
  archive     = "${local.home}.tar.gz"
  config_path = "/etc/snowveil/${var.program}.json"
  unit        = "snowveil-${var.program}"
  drain_path  = "/etc/snowveil/drain.sh"

  user_data = join("\n", ["#cloud-config", yamlencode({
    write_files = [
      {
        path        = local.config_path
        permissions = "0644"
        content     = var.config
      },
      {
        path        = "/etc/systemd/system/${local.unit}.service"
        permissions = "0644"
        content = templatefile("${path.module}/templates/unit.service.tftpl", {
          program     = var.program
          home        = local.home
          config_path = local.config_path
          unit        = local.unit
          region      = data.aws_region.this.name
          log_path    = local.log_path

          drain_seconds = var.drain_seconds
        })
      },
      {
        path        = "/etc/systemd/system/${local.unit}-drain.service"
        permissions = "0644"
        content     = templatefile("${path.module}/templates/drain.service.tftpl", { unit = local.unit, script = local.drain_path })
      },
      {
        path        = local.drain_path
        permissions = "0644"
        content = templatefile("${path.module}/templates/drain.sh.tftpl", {
          unit          = local.unit
          drain_seconds = var.drain_seconds
        })
      },
      {
        path        = "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json"
        permissions = "0644"
        content     = jsonencode(local.agent_config)
      },
      {
        path        = "/etc/logrotate.d/${local.unit}"
        permissions = "0644"
        content     = local.rotation
      },
    ]
    # cloud-init goes on after a failed command, so what must not happen after a failure is part of the same command.
    runcmd = [
      concat(["dnf", "install", "-y", "python3.13"], var.packages),
      ["mkdir", "-p", local.home, dirname(local.log_path)],
      [
        "aws", "s3api", "get-object", "--region", data.aws_region.this.name, "--bucket", var.bundle.bucket,
        "--key", var.bundle.key, "--version-id", var.bundle.version_id, local.archive,
      ],
      [
        "sh", "-c",
        "echo '${var.bundle.sha256}  ${local.archive}' | sha256sum -c && tar -xzf ${local.archive} -C ${local.home}",
      ],
      ["systemctl", "enable", "--now", local.unit],
      ["systemctl", "enable", "--now", "${local.unit}-drain"],
      # After the program: it runs without its log, the log is nothing without it.
      ["dnf", "install", "-y", "amazon-cloudwatch-agent"],
      ["systemctl", "enable", "--now", "amazon-cloudwatch-agent"],
    ]
  })])
}
