package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	modules  = []component{{name: "a.example/m", version: "v1.2.3", licence: "MIT"}, {name: "b.example/n", version: "v0.1.0", licence: "BSD-3-Clause"}}
	packages = []component{{name: "numpy", version: "2.4.6, 2.5.5", licence: "BSD-3-Clause AND MIT"}}
)

func TestDifferences(t *testing.T) {
	all := append(slices.Clone(modules), packages...)
	page := render(modules, packages)
	for name, c := range map[string]struct {
		page    string
		shipped []component
		want    string // of the error; empty: none
	}{
		"current":             {page, all, ""},
		"another version":     {strings.Replace(page, "v1.2.3", "v1.2.2", 1), all, "it lacks a.example/m v1.2.3"},
		"a module more":       {page, append(slices.Clone(all), component{name: "c", version: "v1"}), "it lacks c v1"},
		"a module less":       {page, all[1:], "a.example/m"},
		"no licence":          {strings.Replace(page, " MIT |", "  |", 1), all, "no licence in"},
		"a package in no row": {"", packages, "it lacks numpy 2.4.6, 2.5.5"},
	} {
		err := differences(c.page, c.shipped)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestLocked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpu.txt")
	text := "# a==1\nnumpy==2.5.5 ; python_full_version >= '3.12' \\\n    --hash=sha256:aa==\nnumpy==2.4.6 ; python_full_version < '3.12' \\\ntensorflow[and-cuda]==2.21.0\nml_dtypes==0.6.0\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := locked([]string{file, file})
	want := []component{{name: "ml-dtypes", version: "0.6.0"}, {name: "numpy", version: "2.4.6, 2.5.5"}, {name: "tensorflow", version: "2.21.0"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestMetadata(t *testing.T) {
	for want, m := range map[string]metadata{
		"MPL-2.0":    {License: "MPL-2.0", Classifier: []string{"License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)"}},
		"PSF-2.0":    {Expression: "PSF-2.0"},
		"MIT":        {License: strings.Repeat("Permission is granted\n", 20), Classifier: []string{"License :: OSI Approved :: MIT License"}},
		"Apache-2.0": {License: "Apache 2.0"},
		"":           {Classifier: []string{"License :: Other/Proprietary License"}},
	} {
		if got := m.licence(); got != want {
			t.Errorf("%+v: %q, want %q", m, got, want)
		}
	}
	report := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(report, []byte(`{"install":[{"metadata":{"name":"NumPy","license":"BSD 3-Clause"}}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	some := []component{{name: "numpy", version: "1"}}
	if err := addMetadata(some, []string{report}); err != nil || some[0].licence != "BSD-3-Clause" {
		t.Errorf("%+v, %v", some, err)
	}
	if err := addMetadata([]component{{name: "nobody"}}, []string{report}); err == nil || !strings.Contains(err.Error(), "no licence of nobody") {
		t.Errorf("%v, want an error that names the package", err)
	}
}

func TestLicencesIn(t *testing.T) {
	own, err := licencesIn("../..")
	if err != nil || len(own) != 1 {
		t.Errorf("this project's licence: %v, %v", own, err)
	}
	if found, err := licencesIn(t.TempDir()); err == nil {
		t.Errorf("an empty folder has %v", found)
	}
}
