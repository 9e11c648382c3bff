package images_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/datatest"
	"epochtime/harness/graph"
	"epochtime/internal/testgraph"
)

// folderOf makes files with some content in a new folder.
func folderOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		datatest.WriteIn(t, dir, name, "content of "+name)
	}
	return dir
}

func request(source string, tensors ...graph.Tensor) dataset.Request {
	q := dataset.Request{Sources: []string{source}, Tensors: tensors, Columns: map[string]string{}}
	return q
}

func bases(c *dataset.Column) []string {
	var out []string
	for i := range c.Examples() {
		out = append(out, filepath.Base(c.File(i)))
	}
	return out
}

func TestImagesOfClassFolders(t *testing.T) {
	dir := folderOf(t, "dog/b.PNG", "dog/a.jpg", "cat/more/y.bmp", "cat/z.jpeg", "cat/.hidden", "cat/Thumbs.db", "README.md", ".cache/x.jpg")
	s, err := datatest.Read(t, request(dir, datatest.Image("x"), datatest.Label("y", 10)))
	if err != nil {
		t.Fatal(err)
	}
	x, y := s.Column("x"), s.Column("y")
	if want := []string{"y.bmp", "z.jpeg", "a.jpg", "b.PNG"}; !slices.Equal(bases(x), want) || s.Examples() != 4 {
		t.Errorf("%d files %v, want %v", s.Examples(), bases(x), want)
	}
	if got := graph.View[int32](y.Bytes()); !slices.Equal(got, []int32{0, 0, 1, 1}) || y.Shape() != nil {
		t.Errorf("labels %v of shape %v", got, y.Shape())
	}
	if x.DType() != graph.Float32 || x.Shape() != nil || x.Bytes() != nil {
		t.Errorf("images %s %v, %d bytes", x.DType(), x.Shape(), len(x.Bytes()))
	}
	if err := s.Unchanged(); err != nil {
		t.Error(err)
	}
	datatest.WriteIn(t, dir, "dog/c.jpg", "one more")
	if err := s.Unchanged(); !errors.Is(err, dataset.ErrChanged) {
		t.Errorf("after a file came: %v, want dataset.ErrChanged", err)
	}
}

func TestImagesForOtherTensors(t *testing.T) {
	dir := folderOf(t, "a/1.png", "b/2.png", "c/3.png")
	raw, gray := datatest.Image("picture"), testgraph.Tensor("picture", graph.Float32, 0, 0, 1)
	raw.DType = graph.Uint8
	oneHot := testgraph.Tensor("kind", graph.Float32, 4)
	q := request(dir, oneHot, raw)
	s, err := datatest.Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Column("kind"); c.DType() != graph.Uint8 || !slices.Equal(c.Bytes(), []byte{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}) || !slices.Equal(c.Shape(), []int{4}) {
		t.Errorf("vectors of labels: %s %v %v", c.DType(), c.Shape(), c.Bytes())
	}
	if c := s.Column("picture"); c.DType() != graph.Uint8 {
		t.Errorf("a uint8 input is fed %s", c.DType())
	}
	q = request(dir, gray)
	q.ImageSize = graph.ImageSize{Height: 5, Width: 7}
	if s, err = datatest.Read(t, q); err != nil || !slices.Equal(s.Columns()[0].Shape(), []int{5, 7, 1}) {
		t.Errorf("%v, %v; want the size asked for, one channel", s, err)
	}
	q = request(dir, datatest.Image("x"), datatest.Image("y"))
	q.Columns = map[string]string{"x": "image", "y": "image"}
	if s, err = datatest.Read(t, q); err != nil || len(s.Columns()) != 2 {
		t.Errorf("%v, %v; want images twice, as asked", s, err)
	}
}

func TestImagesFit(t *testing.T) {
	dir := folderOf(t, "a/1.png", "b/2.png")
	for _, c := range []struct {
		shape []int64
		asked graph.ImageSize
		want  []int // nil: refused
		says  string
	}{
		{[]int64{8, 6, 3}, graph.ImageSize{}, []int{8, 6, 3}, ""},
		{[]int64{8, 6, 1}, graph.ImageSize{}, []int{8, 6, 1}, ""},
		{[]int64{8, 6, 0}, graph.ImageSize{}, []int{8, 6, 3}, ""},
		{[]int64{0, 0, 3}, graph.ImageSize{Height: 5, Width: 7}, []int{5, 7, 3}, ""},
		{[]int64{8, 6, 3}, graph.ImageSize{Height: 8, Width: 6}, []int{8, 6, 3}, ""},
		{[]int64{8, 6, 3}, graph.ImageSize{Height: 5, Width: 7}, nil, "leave the size to the graph"},
		{[]int64{0, 6, 3}, graph.ImageSize{}, nil, "say which, as in 224x224"},
		{[]int64{8, 6, 4}, graph.ImageSize{}, nil, "1 or 3 channels"},
	} {
		x := testgraph.Tensor("x", graph.Float32, c.shape...)
		q := request(dir, x)
		q.ImageSize = c.asked
		s, err := datatest.Read(t, q)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Fit(datatest.Manifest(q.Tensors...))
		if c.want == nil {
			datatest.WantError(t, err, dataset.ErrUnfit, c.says)
		} else if err != nil || !slices.Equal(s.Columns()[0].Shape(), c.want) {
			t.Errorf("%v asked for as %v: %v, %v", c.shape, c.asked, s.Columns()[0].Shape(), err)
		}
	}
	x := datatest.Image("x")
	x.DType = graph.Int32
	q := request(dir, x)
	q.Columns["x"] = "image"
	s, err := datatest.Read(t, q)
	if err != nil {
		t.Fatal(err)
	}
	datatest.WantError(t, s.Fit(datatest.Manifest(q.Tensors...)), dataset.ErrUnfit, "int32")
}

func TestImagesRefused(t *testing.T) {
	two := []string{"a/1.png", "b/2.png"}
	for _, c := range []struct {
		name    string
		files   []string
		tensors []graph.Tensor
		kind    error
		says    []string
	}{
		{"one class", []string{"a/1.png", "a/2.png"}, []graph.Tensor{datatest.Image("x"), datatest.Label("y", 10)}, dataset.ErrUnfit, []string{"one class folder, a"}},
		{"an empty class", []string{"a/1.png", "b/.keep"}, []graph.Tensor{datatest.Image("x"), datatest.Label("y", 10)}, dataset.ErrUnreadable, []string{"b is empty"}},
		{"more classes than the graph knows", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{datatest.Image("x"), datatest.Label("y", 2)}, dataset.ErrUnfit, []string{"3 class folders", "knows 2", "export it for 3"}},
		{"more than a vector holds", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{datatest.Image("x"), testgraph.Tensor("y", graph.Float32, 2)}, dataset.ErrUnfit, []string{"3 class folders", "knows 2"}},
		{"three for one number", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{datatest.Image("x"), testgraph.Tensor("y", graph.Float32, 1)}, dataset.ErrUnfit, []string{"knows 2"}},
		{"no classes", []string{"README"}, []graph.Tensor{datatest.Image("x")}, dataset.ErrUnreadable, []string{"no class folders"}},
		{"images beside", append(two, "3.jpg"), []graph.Tensor{datatest.Image("x")}, dataset.ErrUnreadable, []string{"3.jpg", "folder of their own"}},
		{"another file", append(two, "b/notes.md"), []graph.Tensor{datatest.Image("x")}, dataset.ErrUnreadable, []string{"notes.md", "move it away"}},
		{"an input too many", two, []graph.Tensor{datatest.Image("x"), datatest.Image("z"), datatest.Label("y", 10)}, dataset.ErrUnfit, []string{"x and z", "name what feeds"}},
		{"an input of words", two, []graph.Tensor{datatest.Image("x"), testgraph.Tensor("w", graph.String, 3)}, dataset.ErrUnfit, []string{"w of the graph", "name what feeds"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folderOf(t, c.files...)
			_, err := datatest.Read(t, request(dir, c.tensors...))
			datatest.WantError(t, err, c.kind, c.says...)
		})
	}
	dir := folderOf(t, two...)
	datatest.WriteIn(t, dir, "b/3.png", "")
	_, err := datatest.Read(t, request(dir, datatest.Image("x")))
	datatest.WantError(t, err, dataset.ErrUnreadable, "3.png is empty")

	q := request(dir, datatest.Image("x"))
	q.Columns["x"] = "pixels"
	_, err = datatest.Read(t, q)
	datatest.WantError(t, err, dataset.ErrUnfit, `no column "pixels"`, "image and label")
	_, err = datatest.Read(t, request(filepath.Join(dir, "gone"), datatest.Image("x")))
	datatest.WantError(t, err, fs.ErrNotExist, "gone")
	if err := os.Symlink("nowhere", filepath.Join(dir, "b", "4.png")); err != nil {
		t.Fatal(err)
	}
	_, err = datatest.Read(t, request(dir, datatest.Image("x")))
	datatest.WantError(t, err, dataset.ErrUnreadable, "4.png")
}
