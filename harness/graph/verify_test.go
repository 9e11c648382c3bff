package graph

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// The sha256 in testdata/odd/graph.json was computed by testdata/make.py.
func TestVerify(t *testing.T) {
	m, err := Open("testdata/odd")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(); err != nil {
		t.Error(err)
	}
}

func TestVerifyWhatDoesNotCount(t *testing.T) {
	for _, c := range []struct{ name, file, old, with string }{
		{"name", ManifestName, `"name": "odd"`, `"name": "even"`},
		{"parity", ManifestName, `[1.5, 1.25]`, `[1.5, 1.125]`},
		{"made_with", ManifestName, `"2.21.0"`, `"2.22.0"`},
		{"data path", ManifestName, `../data.npz`, `/elsewhere/data.npz`},
		{"white space", ManifestName, "\n  \"format\"", "\t\"format\""},
		{"order of keys", ManifestName, `"key": "train", "loss": "loss"`, `"loss":"loss","key":"train"`},
		{"escaped or not", ManifestName, `Größe`, `Gr\u00f6\u00dfe`},
		{"fingerprint.pb", "fingerprint.pb", "not", "NOT"},
		{"parity.npz", "parity.npz", "not", "NOT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := odd(t)
			replace(t, filepath.Join(dir, c.file), c.old, c.with)
			m, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Verify(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestVerifyChanged(t *testing.T) {
	for _, c := range []struct{ name, file, old, with string }{
		{"graph", "saved_model.pb", "graph", "Graph"},
		{"graph longer", "saved_model.pb", "graph", "graph "},
		{"index", "variables/variables.index", "index", "inde"},
		{"variables", "variables/variables.data-00000-of-00001", "data \r\n\x00data \r\n\x00d", "data \r\n\x00data \r\n\x00D"},
		{"setting", ManifestName, `0.001`, `0.002`},
		{"setting's digits", ManifestName, `0.001`, `1e-03`},
		{"other letter", ManifestName, `損失`, `損`},
		{"separator", ManifestName, "\u2028", `\\u2028`},
		{"data", ManifestName, `"00ff"`, `"00fe"`},
		{"unknown field", ManifestName, `"format": 1,`, `"format": 1, "later": null,`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := odd(t)
			replace(t, filepath.Join(dir, c.file), c.old, c.with)
			m, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			err = m.Verify()
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("the error is %v, want ErrDamaged", err)
			}
			wantError(t, err, dir, "export odd again", m.SHA256[:12])
		})
	}
}

func TestVerifyFilesOfVariables(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"one more": func(dir string) error { return os.WriteFile(filepath.Join(dir, "variables/extra"), nil, 0o644) },
		"one less": func(dir string) error {
			return os.Remove(filepath.Join(dir, "variables/variables.data-00000-of-00001"))
		},
		"renamed": func(dir string) error {
			return os.Rename(filepath.Join(dir, "variables/variables.index"), filepath.Join(dir, "variables/a.index"))
		},
		"a folder":    func(dir string) error { return os.Mkdir(filepath.Join(dir, "variables/folder"), 0o755) },
		"all":         func(dir string) error { return os.RemoveAll(filepath.Join(dir, "variables")) },
		"no graph":    func(dir string) error { return os.Remove(filepath.Join(dir, "saved_model.pb")) },
		"no manifest": func(dir string) error { return os.Remove(filepath.Join(dir, ManifestName)) },
		"no JSON":     func(dir string) error { return os.Truncate(filepath.Join(dir, ManifestName), 100) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := odd(t)
			m, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			err = m.Verify()
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("the error is %v, want ErrDamaged", err)
			}
			wantError(t, err, dir, "export odd again")
		})
	}
}

func TestMeaning(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1e-07,"a":0.001,"Z":1e+16,"c":14.0,"d":-0.0}`:      `{"Z":1e+16,"a":0.001,"b":1e-07,"c":14.0,"d":-0.0}`,
		`{"u":"\u00df<&>\u2028\\u2028\\\u2029\"\u0007\u007f\/"}`: "{\"u\":\"ß<&>\u2028\\\\u2028\\\\\u2029\\\"\\u0007\x7f/\"}",
		`{"data":{"path":"p","kind":"file"},"name":"n","sha256":"s","parity":{},"made_with":{},"weights":{"file":"f"},"origin":{"model":"m"}}`: `{"data":{"kind":"file"}}`,
		`{"model":{"name":"kept","path":"kept"},"data":[]}`: `{"data":[],"model":{"name":"kept","path":"kept"}}`,
		`{"ü":1,"z":2,"😀":3,"":4}`:                          `{"":4,"z":2,"ü":1,"😀":3}`,
	} {
		got, err := meaningOf([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("meaning of %s\n got %s, %v\nwant %s", in, got, err, want)
		}
	}
}
