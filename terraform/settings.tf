# A type drops the keys that it does not know, in silence: a mistyped setting would have no effect, and nobody would notice. So
# what was written (`any` in the root's variables) is compared with what the modules' types know. Output settings refuses the rest.
locals {
  written = merge({
    "collector.settings" = var.collector.settings
    "enricher.settings"  = var.enricher.settings
    "enricher.iglu"      = var.enricher.iglu
  }, { for name, registry in try(var.enricher.iglu.registries, {}) : "enricher.iglu.registries.${name}" => registry })

  known = merge({
    "collector.settings" = module.collector.settings
    "enricher.settings"  = module.enricher.settings
    "enricher.iglu"      = module.enricher.iglu
  }, { for name, registry in try(module.enricher.iglu.registries, {}) : "enricher.iglu.registries.${name}" => registry })

  unknown_keys = concat(
    flatten([
      for name, settings in local.written : [
        for key in setsubtract(keys(settings), keys(local.known[name])) : "${name}.${key}"
      ] if settings != null
    ]),
    flatten([
      for name, settings in local.written : [
        for section, value in settings : [
          for key in setsubtract(try(keys(value), []), try(keys(local.known[name][section]), [])) : "${name}.${section}.${key}"
        ] if contains(keys(local.known[name]), section)
      ] if settings != null
    ]),
  )
}
