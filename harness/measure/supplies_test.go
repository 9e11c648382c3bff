package measure

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/protocol"
	"epochtime/harness/record"
)

// What a job reads is offered once, as its sources name it.
func TestSupplies(t *testing.T) {
	g := makeGraph(t, "cnn")
	dir := t.TempDir()
	file := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, b, x, w := file("a-1.csv"), file("a-2.csv"), file("train-x"), file("w.h5")
	pattern := filepath.Join(dir, "a-*.csv")
	job := protocol.Job{Kind: protocol.Train, Graph: g.Dir, Config: record.Config{Data: []string{pattern, a, a, "x=" + x, "y=" + x}, LoadWeights: w}}
	got, err := supplies(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, p := range got {
		if p.SHA256 == "" || p.Fixed {
			t.Errorf("%+v", p)
		}
		named = append(named, p.Name+" "+p.Of+" "+p.Path)
	}
	want := []string{"  " + g.Dir, "  " + w, " " + pattern + " " + a, " " + pattern + " " + b, " " + a + " " + a, "x x=" + x + " " + x, "y y=" + x + " " + x}
	if !slices.Equal(named, want) {
		t.Errorf("%q, want %q", named, want)
	}
	job.Config.Data = []string{filepath.Join(dir, "gone.csv")}
	if _, err := supplies(t.Context(), job); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	job.Kind, job.Examples, job.Config.Data = protocol.Examples, filepath.Join(dir, "written.npz"), nil
	if got, err := supplies(t.Context(), job); err != nil || len(got) != 2 {
		t.Errorf("what is written is read: %+v, %v", got, err)
	}
}
