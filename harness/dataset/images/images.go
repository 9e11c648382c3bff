// Package images reads folders of images. It finds which files there are; what is
// in them is decoded when it is fed.
package images

import (
	"fmt"
	"os"

	"epochtime/harness/dataset"
	"epochtime/harness/dataset/folder"
	"epochtime/harness/graph"
)

// Format reads a folder that holds a folder of images for each class. Labels number
// the class folders, sorted by name, from 0.
var Format dataset.Format = format{}

type format struct{}

// endings are the kinds of image that TensorFlow decodes.
var endings = []string{".jpg", ".jpeg", ".png", ".bmp", ".gif"}

const imageColumn = "image"

// Name implements dataset.Format.
func (format) Name() string { return "images" }

// Endings implements dataset.Format.
func (format) Endings() []string { return nil }

// Takes implements dataset.Format.
func (format) Takes(source string) bool {
	info, err := os.Stat(source)
	return err == nil && info.IsDir()
}

// Typed implements dataset.Format.
func (format) Typed() bool { return true }

// Tensors implements dataset.Format.
func (format) Tensors(*dataset.Builder, []string) ([]graph.Tensor, error) {
	return []graph.Tensor{
		{Name: imageColumn, DType: graph.Float32, Shape: make([]*int64, 4)},
		{Name: folder.LabelColumn, DType: graph.Int64, Shape: make([]*int64, 1)},
	}, nil
}

// Read implements dataset.Format.
func (format) Read(b *dataset.Builder, q dataset.Request, paths []string) error {
	if len(paths) != 1 {
		return fmt.Errorf("%w: %d folders of images were named: one is read at a time", dataset.ErrUnreadable, len(paths))
	}
	dir := paths[0]
	feeds, err := dataset.Roles(q, []string{imageColumn, folder.LabelColumn}, func(t graph.Tensor) string {
		switch {
		case len(t.Shape) == 4 && (t.DType.IsFloat() || t.DType == graph.Uint8):
			return imageColumn
		case folder.Takes(t):
			return folder.LabelColumn
		}
		return ""
	})
	if err != nil {
		return err
	}
	classes, err := folder.Classes(b, dir, endings)
	if err != nil {
		return err
	}
	for _, t := range q.Tensors {
		c := pictures(t, q.ImageSize, folder.Files(classes))
		if feeds[t.Name] == folder.LabelColumn {
			if c, err = folder.Labels(b, t, dir, classes); err != nil {
				return err
			}
		}
		if err := b.Add(t.Name, c); err != nil {
			return err
		}
	}
	return nil
}

// pictures is the column of all files.
func pictures(t graph.Tensor, size graph.ImageSize, files []string) dataset.Column {
	d, shape := graph.Float32, []int(nil)
	if t.DType == graph.Uint8 {
		d = graph.Uint8
	}
	if size != (graph.ImageSize{}) {
		channels := 3
		if len(t.Shape) == 4 && t.Shape[3] != nil {
			channels = int(*t.Shape[3])
		}
		shape = []int{size.Height, size.Width, channels}
	}
	return dataset.Images(t.Name, d, shape, files)
}
