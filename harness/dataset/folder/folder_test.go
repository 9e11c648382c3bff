package folder_test

import (
	"slices"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
	"epochtime/internal/zerocheck"
)

// Classes, and the files in each, are in the order of their names; labels follow.
func TestClasses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b/2.txt", "b/1.TXT", "a/x/3.txt", "a/.hidden", "notes.md"} {
		datatest.WriteIn(t, dir, name, name)
	}
	b := dataset.NewBuilder(t.Context(), dir, 0)
	classes, err := folder.Classes(b, dir, []string{".txt"})
	if err != nil {
		t.Fatal(err)
	}
	if len(classes) != 2 || classes[0].Name != "a" || len(classes[0].Files) != 1 || len(classes[1].Files) != 2 {
		t.Fatalf("the classes are %v", classes)
	}
	c, err := folder.Labels(b, datatest.Label("y", 2), dir, classes)
	if err != nil {
		t.Fatal(err)
	}
	if got := graph.View[int32](c.Bytes()); !slices.Equal(got, []int32{0, 1, 1}) {
		t.Errorf("the labels are %v", got)
	}
	if got := b.Set().FileBytes(); got != int64(len("b/2.txt")+len("b/1.TXT")+len("a/x/3.txt")) {
		t.Errorf("the files have %d bytes", got)
	}
}

func TestZeroValues(t *testing.T) {
	zerocheck.Run(t, ".", map[string]any{"Classes": folder.Classes, "Labels": folder.Labels, "Files": folder.Files, "Takes": folder.Takes, "Split": folder.Split, "Training": folder.Training, "Walk": folder.Walk}, &folder.Kind{})
}
