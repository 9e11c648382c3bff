package files

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"

	"epochtime/harness/dataset"
)

// refusal is the error of a file or folder of the format.
func (f *foreign) refusal(path string) error {
	what := f.advice
	switch plain, to := dataset.Unpacked(path), converted(path, f.ending); {
	case f.module != "":
		what = "unpack it with: " + shellescape.QuoteCommand([]string{"python", "-m", f.module, "-e", path, to})
	case f.code != "" && !f.opens && plain != path:
		what = "unpack it, then convert it with: " + shellescape.QuoteCommand([]string{"python", "-c", f.code, plain, to})
	case f.code != "":
		what = "convert it with: " + shellescape.QuoteCommand([]string{"python", "-c", f.code, path, to})
	}
	return dataset.Errorf(dataset.ErrUnreadable, nil, "%s is %s, which is not read here: %s", path, f.name, what)
}

// converted is where a file is converted to: in the working folder, called alike with
// another ending.
func converted(path, ending string) string {
	name := dataset.Unpacked(filepath.Base(path))
	to := strings.TrimSuffix(name, filepath.Ext(name)) + ending
	if to == filepath.Base(path) { // its name is not its own
		return "converted-" + to
	}
	return to
}

// marked reports whether the content of a file tells that it is of the format.
func (f *foreign) marked(head []byte) bool {
	for _, m := range f.marks {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			return true
		}
	}
	return f.looks != nil && f.looks(head)
}

// foreignByMagic finds the format that is not read of which the content of a file is.
func foreignByMagic(head []byte) *foreign {
	return firstForeign(func(f *foreign) bool { return f.marked(head) })
}

// foreignByName finds the format that is not read by how the name of a file ends.
func foreignByName(path string) *foreign {
	if dataset.HasEnding(path, []string{".bin"}) {
		return cifar(path)
	}
	return firstForeign(func(f *foreign) bool { return dataset.HasEnding(path, f.endings) })
}

// foreignFolder finds the format that is not read of which a folder is, by what it holds.
func foreignFolder(dir string) *foreign {
	return firstForeign(func(f *foreign) bool {
		return slices.ContainsFunc(f.holds, func(name string) bool {
			_, err := os.Stat(filepath.Join(dir, name))
			return err == nil
		})
	})
}

func firstForeign(is func(*foreign) bool) *foreign {
	for i := range foreigners {
		if is(&foreigners[i]) {
			return &foreigners[i]
		}
	}
	return nil
}

// cifar finds which batch of CIFAR a file is by its size.
func cifar(path string) *foreign {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return nil
	}
	for i, c := range binaryCIFAR {
		if info.Size()%c.record == 0 {
			return &binaryCIFAR[i].foreign
		}
	}
	return nil
}

// unknown is the error of a file that nothing tells the format of.
func unknown(path string, head []byte) error {
	advice := ""
	if ending := suggested(head); ending != "" {
		advice = fmt.Sprintf(". It looks like %s: call it %s%s", looksLike[ending], filepath.Base(path), ending)
		if plain := dataset.Unpacked(path); ending == ".txt" && plain != path { // texts are read as they are
			advice = fmt.Sprintf(". It looks like %s: unpack it, and call it %s", looksLike[ending], strings.TrimSuffix(filepath.Base(plain), ending)+ending)
		}
	}
	return dataset.Errorf(dataset.ErrUnreadable, nil, "%s is of no kind that is read here: %s%s", path, Readable(), advice)
}

// looksLike says what text of an ending looks like.
var looksLike = map[string]string{".csv": "a table", ".tsv": "a table", ".txt": "plain text"}

// suggested is the ending that suits what a file begins with: "" where that is no text.
func suggested(head []byte) string {
	for len(head) > 0 && !utf8.Valid(head[max(0, len(head)-utf8.UTFMax):]) && utf8.RuneStart(head[len(head)-1]) {
		head = head[:len(head)-1] // a character that is cut
	}
	if len(head) == 0 || !utf8.Valid(head) || bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }) {
		return ""
	}
	lines := bytes.Split(bytes.TrimSpace(head), []byte("\n"))
	if len(lines) > 1 && len(head) == dataset.HeadBytes {
		lines = lines[:len(lines)-1]
	}
	every := func(has func(line []byte) int) bool {
		n := has(lines[0])
		return n > 0 && !slices.ContainsFunc(lines, func(line []byte) bool { return has(line) != n })
	}
	count := func(sep string) func([]byte) int {
		return func(line []byte) int { return bytes.Count(line, []byte(sep)) }
	}
	switch {
	case every(count("\t")):
		return ".tsv"
	case every(count(",")), every(count(";")), every(count("|")):
		return ".csv"
	}
	return ".txt"
}

// Readable lists what is read, by the endings of each format.
func Readable() string {
	var out []string
	for _, f := range formats {
		if short := plainEndings(f.Endings()); len(short) > 0 {
			out = append(out, fmt.Sprintf("%s (%s)", f.Name(), strings.Join(short, ", ")))
		}
	}
	return strings.Join(out, ", ") + ", or a folder of tables, or of class folders of images or texts"
}

// plainEndings are the endings without those of compressed files.
func plainEndings(endings []string) []string {
	return slices.DeleteFunc(slices.Clone(endings), func(e string) bool { return dataset.Unpacked(e) != e })
}
