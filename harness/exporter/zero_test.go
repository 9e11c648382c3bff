package exporter

import (
	"testing"

	"epochtime/internal/zerocheck"
)

func TestZeroValues(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("PATH", "")
	zerocheck.Run(t, ".", map[string]any{"Again": Again, "Find": Find, "FindPython": FindPython, "AskPython": AskPython, "LibraryFolder": LibraryFolder, "Installed": Installed, "Home": Home, "BuiltIn": BuiltIn, "IsModel": IsModel, "IsScript": IsScript, "Module": Module, "Table": Table, "Settings": Settings, "IsSetting": IsSetting, "Suites": Suites, "SuiteGraphs": SuiteGraphs}, &Cache{}, &LackError{}, &Exporter{}, &Option{}, &Options{})
}
