package dataset

import "fmt"

// TextOptions say how plain text becomes tokens.
type TextOptions struct {
	Tokens string // "words", "chars" or "bytes"; empty: by the graph's categories
	Window int    // tokens an example; 0: the graph's length
}

// readText reads plain text as windows of tokens.
func readText(paths []string, _ Request) (*Set, error) {
	return nil, fmt.Errorf("%w: %s is plain text", ErrUnreadable, paths[0])
}
