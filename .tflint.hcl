# tflint's own rules (its AWS rules need a plugin that is not everywhere to be had). `make lint` runs it where it is installed.
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}

# A variable stands beside what it decides (modules/*/engine.tf, settings.tf, schedule.tf …): a file has at most 150 lines, and
# tests/unit/terraform/test_modules.py holds that main, outputs, variables and versions are there.
rule "terraform_standard_module_structure" {
  enabled = false
}
