package dataset

import (
	"fmt"

	"epochtime/harness/graph"
)

// imageEndings are the kinds of image that TensorFlow decodes.
var imageEndings = []string{".jpg", ".jpeg", ".png", ".bmp", ".gif"}

// The columns of a folder of images.
const (
	imageColumn = "image"
	labelColumn = "label"
)

// readImages reads a folder that holds a folder of images, or of texts, for each
// class. Of images it finds which files there are, not what is in them. Labels
// count the class folders, sorted by name, from 0.
func readImages(dir string, q Request) (*Set, error) {
	r := newReader([]string{dir}, unpackBytes)
	read := r.images
	if holdsTexts(dir) {
		read = r.texts
	}
	if err := read(dir, q); err != nil {
		return nil, err
	}
	return r.set, nil
}

func (r *reader) images(dir string, q Request) error {
	feeds, err := roles(q, []string{imageColumn, labelColumn}, func(t graph.Tensor) string {
		switch {
		case isImage(t):
			return imageColumn
		case isLabel(t):
			return labelColumn
		}
		return ""
	})
	if err != nil {
		return err
	}
	classes, err := r.classes(dir, hasEnding(imageEndings), ".jpg, .jpeg, .png, .bmp or .gif")
	if err != nil {
		return err
	}
	for _, t := range q.Tensors {
		a := pictures(t, q.ImageSize, classes)
		if feeds[t.Name] == labelColumn {
			if a, err = labels(t, dir, classes); err != nil {
				return err
			}
		}
		if err := r.set.addArray(t.Name, a); err != nil {
			return err
		}
	}
	return nil
}

// isImage tells whether a tensor is a batch of images.
func isImage(t graph.Tensor) bool {
	return len(t.Shape) == 4 && (t.DType.IsFloat() || t.DType == graph.Uint8)
}

// isLabel tells whether a tensor holds a number an example, or a vector that
// could have a 1 at the place of the class.
func isLabel(t graph.Tensor) bool {
	return len(t.Shape) <= 2 && t.DType != graph.String
}

// pictures is the column of all files, in the order of their classes.
func pictures(t graph.Tensor, size [2]int, classes []class) *Column {
	a := &Column{dtype: graph.Float32}
	if t.DType == graph.Uint8 {
		a.dtype = graph.Uint8
	}
	if size != [2]int{} {
		channels := 3
		if len(t.Shape) == 4 && t.Shape[3] != nil {
			channels = int(*t.Shape[3])
		}
		a.shape = []int{size[0], size[1], channels}
	}
	for _, c := range classes {
		a.files = append(a.files, c.files...)
	}
	a.examples = len(a.files)
	return a
}

// fitImages finds the size that images are resized to: the one asked for, which
// must be the graph's, or the graph's.
func (c *Column) fitImages(t graph.Tensor) error {
	want := t.Shape[1:]
	switch {
	case len(want) != 3 || t.DType != c.dtype && !(t.DType.IsFloat() && c.dtype == graph.Float32):
		return fmt.Errorf("images feed height×width×channels of float32 or uint8, %s is %s of %s", t.Name, formatFree(want), t.DType)
	case want[2] != nil && *want[2] != 1 && *want[2] != 3:
		return fmt.Errorf("images have 1 or 3 channels, %s takes %s", t.Name, formatFree(want))
	case c.shape != nil && !sameShape(c.shape, want):
		return fmt.Errorf("images are resized to %s, and %s takes %s: leave out --image-size", format(c.shape), t.Name, formatFree(want))
	case c.shape != nil:
		return nil
	case want[0] == nil || want[1] == nil:
		return fmt.Errorf("%s takes images of any size: say which, as in --image-size 224x224", t.Name)
	}
	channels := 3
	if want[2] != nil {
		channels = int(*want[2])
	}
	c.shape = []int{int(*want[0]), int(*want[1]), channels}
	return nil
}
