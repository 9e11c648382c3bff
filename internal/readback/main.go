// Command readback writes, as JSON, the values of every column that is read of a data
// file, and why others are not. harness/dataset/files/testdata/public.py compares them
// with what the file's usual reader makes of it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "readback: usage: readback FILE")
		os.Exit(2)
	}
	out := bufio.NewWriter(os.Stdout)
	if err := json.NewEncoder(out).Encode(read(context.Background(), os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, "readback:", err)
		os.Exit(1)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "readback:", err)
		os.Exit(1)
	}
}
