// Command pixels decodes images as they are fed, in the size that each line of its
// input says, and writes a line for each, followed by its pixels as float32 of three
// channels. harness/dataset/files/testdata/public.py compares them with those of others.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pixels:", err)
		os.Exit(1)
	}
}
