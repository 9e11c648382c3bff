package exporter

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	zerocheck.Run(t, ".", map[string]any{"Find": Find, "Home": Home, "BuiltIn": BuiltIn, "IsModel": IsModel, "IsScript": IsScript, "Module": Module, "Table": Table, "Settings": Settings, "IsSetting": IsSetting, "Suites": Suites, "SuiteGraphs": SuiteGraphs}, &Cache{}, &Exporter{}, &Option{}, &Options{})
}
