package dataset

import "fmt"

// readImages reads a folder that holds a folder of images for each class.
func readImages(dir string, _ Request) (*Set, error) {
	return nil, fmt.Errorf("%w: %s is a folder", ErrUnreadable, dir)
}
