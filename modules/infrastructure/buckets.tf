locals {
  # rebuildable: what is in it can be made again, so destroying the stack may delete it.
  buckets = {
    assets = {
      expire_prefixes = { "manifests/" = 90 }
      rebuildable     = true
    }
    input = {
      expire_prefixes = {}
      rebuildable     = false
    }
    output = {
      expire_prefixes = { "_quarantine/" = var.quarantine_retention_days, "_staging/" = 2 }
      rebuildable     = false
    }
  }
}
