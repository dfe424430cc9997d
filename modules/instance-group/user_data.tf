locals {
  home        = "/opt/snowveil/${var.program}"
  archive     = "${local.home}.tar.gz"
  config_path = "/etc/snowveil/${var.program}.json"
  unit        = "snowveil-${var.program}"

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
        })
      },
    ]
    # cloud-init goes on after a failed command, so what must not happen after a failure is part of the same command.
    runcmd = [
      ["dnf", "install", "-y", "python3.13"],
      ["mkdir", "-p", local.home],
      [
        "aws", "s3api", "get-object", "--region", data.aws_region.this.name, "--bucket", var.bundle.bucket,
        "--key", var.bundle.key, "--version-id", var.bundle.version_id, local.archive,
      ],
      [
        "sh", "-c",
        "echo '${var.bundle.sha256}  ${local.archive}' | sha256sum -c && tar -xzf ${local.archive} -C ${local.home}",
      ],
      ["systemctl", "enable", "--now", local.unit],
    ]
  })])
}
