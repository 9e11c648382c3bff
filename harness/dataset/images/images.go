// Package images reads folders of images. It finds which files there are; what is
// in them is decoded when it is fed.
package images

import (
	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
)

// Format reads a folder that holds a folder of images for each class. Labels number
// the class folders, sorted by name, from 0.
var Format = folder.Kind{
	Called:  "images",
	Files:   "images",
	Example: graph.Tensor{Name: "image", DType: graph.Float32, Shape: make([]*int64, 4)},
	Ends:    []string{".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"}, // what TensorFlow decodes
	Holder:  takesImages,
	Column:  pictures,
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
