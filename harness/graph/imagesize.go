package graph

import (
	"fmt"
	"regexp"
	"strconv"
)

// ImageSize is the height and width of an image in pixels.
type ImageSize struct{ Height, Width int }

var imageSizePattern = regexp.MustCompile(`^([1-9]\d{0,4})x([1-9]\d{0,4})$`)

// ParseImageSize reads HEIGHTxWIDTH, such as 224x224. An empty text is the zero
// size.
func ParseImageSize(text string) (ImageSize, error) {
	if text == "" {
		return ImageSize{}, nil
	}
	found := imageSizePattern.FindStringSubmatch(text)
	if found == nil {
		return ImageSize{}, fmt.Errorf("%q is not the size of an image: write HEIGHTxWIDTH, such as 224x224", text)
	}
	height, _ := strconv.Atoi(found[1]) // the pattern leaves only small numbers
	width, _ := strconv.Atoi(found[2])
	return ImageSize{height, width}, nil
}
