package graph

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyData(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "digits.npz"), []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	// The digest of "abc" is a published test vector (FIPS 180-2, B.1).
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for _, tc := range []struct {
		name string
		data Data
		says string // in the error; empty for none
	}{
		{"synthetic", Data{Kind: "synthetic"}, ""},
		{"the same", Data{Kind: "file", Path: "../digits.npz", SHA256: abc}, ""},
		{"changed", Data{Kind: "file", Path: "../digits.npz", SHA256: strings.Repeat("0", 64)}, "not the one"},
		{"missing", Data{Kind: "file", Path: "../none.npz", SHA256: abc}, "is missing"},
		{"a folder", Data{Kind: "file", Path: "..", SHA256: abc}, "is a directory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &Manifest{Name: "mlp-digits", Dir: filepath.Join(dir, "mlp-digits"), Data: tc.data}
			err := m.VerifyData()
			if tc.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrData) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "train on another file") {
				t.Errorf("error %v; it should say %q and name --data", err, tc.says)
			}
		})
	}
}
