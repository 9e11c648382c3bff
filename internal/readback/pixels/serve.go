package main

import (
	"bufio"
	"encoding/json"
	"io"

	"epochtime/harness/graph"
	"epochtime/harness/tfsession"
)

// asked is an image to decode.
type asked struct {
	Path   string `json:"path"`
	Height int    `json:"height"`
	Width  int    `json:"width"`
}

// answer goes before the pixels.
type answer struct {
	Bytes   int    `json:"bytes"`
	Refused string `json:"refused,omitempty"` // why there are none, and what to do
}

// serve answers until its input ends.
func serve(in io.Reader, to io.Writer) error {
	out, images := bufio.NewWriter(to), json.NewDecoder(in)
	for {
		var image asked
		if err := images.Decode(&image); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		pixels, err := decode(image)
		said := answer{Bytes: len(pixels)}
		if err != nil {
			said.Refused = err.Error()
		}
		if err := json.NewEncoder(out).Encode(said); err != nil {
			return err
		}
		if _, err := out.Write(pixels); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// decode returns the pixels of one image.
func decode(image asked) ([]byte, error) {
	const channels = 3
	d, err := tfsession.NewImageDecoder(image.Height, image.Width, channels, graph.Float32)
	if err != nil {
		return nil, err
	}
	defer d.Close() // what it decoded is copied
	pixels := make([]byte, image.Height*image.Width*channels*graph.Float32.Size())
	if err := d.Decode(image.Path, pixels); err != nil {
		return nil, err
	}
	return pixels, nil
}
