package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"epochtime/harness/graph"
)

// folderOf makes files with some content in a new folder.
func folderOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		writeIn(t, dir, name, "content of "+name)
	}
	return dir
}

func writeIn(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func image(name string) graph.Tensor { return tensor(name, graph.Float32, 8, 8, 3) }

// label is a whole number below n.
func label(name string, n int64) graph.Tensor {
	t := tensor(name, graph.Int32)
	t.Categories = n
	return t
}

func request(source string, tensors ...graph.Tensor) Request {
	q := Request{Sources: []string{source}, Tensors: tensors, Columns: map[string]string{}}
	for _, t := range tensors {
		q.Columns[t.Name] = t.Name
	}
	return q
}

func bases(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, filepath.Base(p))
	}
	return out
}

func TestImagesOfClassFolders(t *testing.T) {
	dir := folderOf(t, "dog/b.PNG", "dog/a.jpg", "cat/more/y.bmp", "cat/z.jpeg", "cat/.hidden", "cat/Thumbs.db", "README.md", ".cache/x.jpg")
	s, err := readImages(dir, request(dir, image("x"), label("y", 10)))
	if err != nil {
		t.Fatal(err)
	}
	x, y := s.Column("x"), s.Column("y")
	if want := []string{"y.bmp", "z.jpeg", "a.jpg", "b.PNG"}; !slices.Equal(bases(x.files), want) || s.examples != 4 {
		t.Errorf("%d files %v, want %v", s.examples, bases(x.files), want)
	}
	if got := graph.View[int32](y.data); !slices.Equal(got, []int32{0, 0, 1, 1}) || y.shape != nil {
		t.Errorf("labels %v of shape %v", got, y.shape)
	}
	if x.dtype != graph.Float32 || x.shape != nil || x.data != nil {
		t.Errorf("images %s %v, %d bytes", x.dtype, x.shape, len(x.data))
	}
	if err := s.Unchanged(); err != nil {
		t.Error(err)
	}
	writeIn(t, dir, "dog/c.jpg", "one more")
	if err := s.Unchanged(); !errors.Is(err, ErrChanged) {
		t.Errorf("after a file came: %v, want ErrChanged", err)
	}
}

func TestImagesForOtherTensors(t *testing.T) {
	dir := folderOf(t, "a/1.png", "b/2.png", "c/3.png")
	raw, gray := image("picture"), tensor("picture", graph.Float32, 0, 0, 1)
	raw.DType = graph.Uint8
	oneHot := tensor("kind", graph.Float32, 4)
	q := request(dir, oneHot, raw)
	s, err := readImages(dir, q)
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Column("kind"); c.dtype != graph.Uint8 || !slices.Equal(c.data, []byte{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}) || !slices.Equal(c.shape, []int{4}) {
		t.Errorf("vectors of labels: %s %v %v", c.dtype, c.shape, c.data)
	}
	if c := s.Column("picture"); c.dtype != graph.Uint8 {
		t.Errorf("a uint8 input is fed %s", c.dtype)
	}
	q = request(dir, gray)
	q.ImageSize = [2]int{5, 7}
	if s, err = readImages(dir, q); err != nil || !slices.Equal(s.columns[0].shape, []int{5, 7, 1}) {
		t.Errorf("%v, %v; want the size asked for, one channel", s, err)
	}
	q = request(dir, image("x"), image("y"))
	q.Columns = map[string]string{"x": "image", "y": "image"}
	if s, err = readImages(dir, q); err != nil || len(s.columns) != 2 {
		t.Errorf("%v, %v; want images twice, as asked", s, err)
	}
}

func TestImagesFit(t *testing.T) {
	dir := folderOf(t, "a/1.png", "b/2.png")
	for _, c := range []struct {
		shape []int64
		asked [2]int
		want  []int // nil: refused
		says  string
	}{
		{[]int64{8, 6, 3}, [2]int{}, []int{8, 6, 3}, ""},
		{[]int64{8, 6, 1}, [2]int{}, []int{8, 6, 1}, ""},
		{[]int64{8, 6, 0}, [2]int{}, []int{8, 6, 3}, ""},
		{[]int64{0, 0, 3}, [2]int{5, 7}, []int{5, 7, 3}, ""},
		{[]int64{8, 6, 3}, [2]int{8, 6}, []int{8, 6, 3}, ""},
		{[]int64{8, 6, 3}, [2]int{5, 7}, nil, "leave out --image-size"},
		{[]int64{0, 6, 3}, [2]int{}, nil, "--image-size 224x224"},
		{[]int64{8, 6, 4}, [2]int{}, nil, "1 or 3 channels"},
	} {
		x := tensor("x", graph.Float32, c.shape...)
		q := request(dir, x)
		q.ImageSize = c.asked
		s, err := readImages(dir, q)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Fit(manifest(q.Tensors))
		if c.want == nil {
			wantError(t, err, ErrUnfit, c.says)
		} else if err != nil || !slices.Equal(s.columns[0].shape, c.want) {
			t.Errorf("%v asked for as %v: %v, %v", c.shape, c.asked, s.columns[0].shape, err)
		}
	}
	x := image("x")
	x.DType = graph.Int32
	q := request(dir, x)
	q.Columns["x"] = "image"
	s, err := readImages(dir, q)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Fit(manifest(q.Tensors)), ErrUnfit, "int32")
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
		{"one class", []string{"a/1.png", "a/2.png"}, []graph.Tensor{image("x"), label("y", 10)}, ErrUnfit, []string{"one class folder, a"}},
		{"an empty class", []string{"a/1.png", "b/.keep"}, []graph.Tensor{image("x"), label("y", 10)}, ErrUnreadable, []string{"b is empty"}},
		{"more classes than the graph knows", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{image("x"), label("y", 2)}, ErrUnfit, []string{"3 class folders", "knows 2", "--classes 3"}},
		{"more than a vector holds", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{image("x"), tensor("y", graph.Float32, 2)}, ErrUnfit, []string{"3 class folders", "knows 2"}},
		{"three for one number", []string{"a/1.png", "b/2.png", "c/3.png"}, []graph.Tensor{image("x"), tensor("y", graph.Float32, 1)}, ErrUnfit, []string{"knows 2"}},
		{"no classes", []string{"README"}, []graph.Tensor{image("x")}, ErrUnreadable, []string{"no class folders"}},
		{"images beside", append(two, "3.jpg"), []graph.Tensor{image("x")}, ErrUnreadable, []string{"3.jpg", "folder of their own"}},
		{"another file", append(two, "b/notes.md"), []graph.Tensor{image("x")}, ErrUnreadable, []string{"notes.md", "move it away"}},
		{"an input too many", two, []graph.Tensor{image("x"), image("z"), label("y", 10)}, ErrUnfit, []string{"x and z", "--input"}},
		{"an input of words", two, []graph.Tensor{image("x"), tensor("w", graph.String, 3)}, ErrUnfit, []string{"w of the graph", "--input"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folderOf(t, c.files...)
			_, err := readImages(dir, request(dir, c.tensors...))
			wantError(t, err, c.kind, c.says...)
		})
	}
	dir := folderOf(t, two...)
	writeIn(t, dir, "b/3.png", "")
	_, err := readImages(dir, request(dir, image("x")))
	wantError(t, err, ErrUnreadable, "3.png is empty")

	q := request(dir, image("x"))
	q.Columns["x"] = "pixels"
	_, err = readImages(dir, q)
	wantError(t, err, ErrUnfit, `no column "pixels"`, "image and label")
	_, err = readImages(filepath.Join(dir, "gone"), request(dir, image("x")))
	wantError(t, err, ErrUnreadable, "gone")
	if err := os.Symlink("nowhere", filepath.Join(dir, "b", "4.png")); err != nil {
		t.Fatal(err)
	}
	_, err = readImages(dir, request(dir, image("x")))
	wantError(t, err, ErrUnreadable, "4.png")
}
