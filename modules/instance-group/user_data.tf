locals {
  home           = "/opt/snowveil/${var.program}"
  archive        = "${local.home}.tar.gz"
  config_path    = "/etc/snowveil/${var.program}.json"
  unit           = "snowveil-${var.program}"
  lifecycle_path = "/etc/snowveil/lifecycle.sh"

  # Fetched at each start, not once at boot: the program does not run without them, and sees a changed secret.
  secrets_path = "/etc/snowveil/secrets.sh"

  files = merge(
    {
      (local.config_path)                                   = var.config
      "/etc/systemd/system/${local.unit}.service"           = local.unit_file
      "/etc/systemd/system/${local.unit}-lifecycle.service" = templatefile("${path.module}/templates/lifecycle.service.tftpl", { unit = local.unit, script = local.lifecycle_path })
      (local.lifecycle_path) = templatefile("${path.module}/templates/lifecycle.sh.tftpl", {
        unit          = local.unit
        group         = var.name
        region        = data.aws_region.this.id
        health_url    = var.health_url
        drain_seconds = var.drain_seconds
        replaces      = length(var.target_group_arns) == 0
      })
    },
    { for path, content in var.files : "/etc/snowveil/${path}" => content },
    length(var.secret_files) == 0 ? {} : {
      (local.secrets_path) = templatefile("${path.module}/templates/secrets.sh.tftpl", { files = var.secret_files, region = data.aws_region.this.id })
    },
    local.log_files,
  )

  user_data = join("\n", ["#cloud-config", yamlencode({
    write_files = [for path, content in local.files : { path = path, permissions = "0644", content = content }]
    runcmd = concat(
      concat([], local.install_bundle...),
      local.install_container,
      [
        ["systemctl", "enable", "--now", local.unit],
        ["systemctl", "enable", "--now", "${local.unit}-lifecycle"],
      ],
      local.ship_log,
    )
  })])

  # EC2 takes 16 KB. cloud-init reads it compressed: that is room for every enrichment's configuration.
  compressed_user_data = base64gzip(local.user_data)
}
