package harness

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// flagless are the packages whose messages name no flag of a command line: they
// speak to other Go programs too, and the programs here add the flag.
var flagless = []string{"dataset", "graph"}

var flagName = regexp.MustCompile(`(^|[^\w-])--[a-z]`)

func TestMessagesNameNoFlags(t *testing.T) {
	seen := 0
	for _, dir := range flagless {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			parsed, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
					seen++
					if value, err := strconv.Unquote(text.Value); err != nil || flagName.MatchString(value) {
						t.Errorf("%s: %s names a flag, %v", files.Position(text.Pos()), text.Value, err)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 || !flagName.MatchString("say --input") {
		t.Errorf("only %d texts were looked at", seen)
	}
}
