// Package images reads folders of images. It finds which files there are; what is
// in them is decoded when it is fed.
package images

import (
	"os"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
)

// Format reads a folder that holds a folder of images for each class. Labels number
// the class folders, sorted by name, from 0.
var Format dataset.Format = format{}

type format struct{}

var kind = folder.Kind{
	Files:   "images",
	Example: graph.Tensor{Name: "image", DType: graph.Float32, Shape: make([]*int64, 4)},
	Endings: []string{".jpg", ".jpeg", ".png", ".bmp", ".gif"}, // what TensorFlow decodes
	Takes:   takesImages,
	Column:  pictures,
}

// Name implements dataset.Format.
func (format) Name() string { return "images" }

// Endings implements dataset.Format.
func (format) Endings() []string { return nil }

// Takes implements dataset.Format.
func (format) Takes(source string) bool {
	info, err := os.Stat(source)
	return err == nil && info.IsDir()
}

// Holds implements dataset.Format.
func (format) Holds([]byte) bool { return false }

// Fields implements dataset.Format.
func (format) Fields(*dataset.Builder, dataset.Request, []string) ([]dataset.Field, error) {
	return kind.Fields(), nil
}

// Read implements dataset.Format.
func (format) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	return kind.Read(b, q, paths)
}

// takesImages reports whether a tensor can hold images.
func takesImages(t graph.Tensor) bool {
	return len(t.Shape) == 4 && (t.DType.IsFloat() || t.DType == graph.Uint8)
}

// pictures is the column of all files.
func pictures(_ *dataset.Builder, t graph.Tensor, q dataset.Request, files []string) (dataset.Column, error) {
	d, shape := graph.Float32, []int(nil)
	if t.DType == graph.Uint8 {
		d = graph.Uint8
	}
	if size := q.ImageSize; size != (graph.ImageSize{}) {
		channels := 3
		if len(t.Shape) == 4 && t.Shape[3] != nil {
			channels = int(*t.Shape[3])
		}
		shape = []int{size.Height, size.Width, channels}
	}
	return dataset.Images(t.Name, d, shape, files), nil
}
