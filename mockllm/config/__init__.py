"""From YAML files to a ruleset, with every problem located. The one door is `load.load`."""
