package dataset_test

import (
	"errors"
	"fmt"
	"log"

	"epochtime/harness/dataset"
)

// Three examples, each an image of one row and two columns, and a class.
func ExampleNew() {
	images := []float32{0, 0.5, 0.25, 1, 0.75, 0}
	set, err := dataset.New("three images",
		dataset.Of("image", []int{1, 2}, images),
		dataset.Of("class", nil, []int32{0, 1, 0}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer set.Close()
	for _, c := range set.Columns() {
		fmt.Println(c.Name(), c.DType(), c.Shape(), c.Examples())
	}

	_, err = dataset.New("too few", dataset.Of("image", []int{1, 2}, images[:5]))
	fmt.Println(errors.Is(err, dataset.ErrUnfit), err)
	// Output:
	// image float32 [1 2] 3
	// class int32 [] 3
	// true the data does not fit: too few: column "image": 5 elements do not divide into examples of 2
}

// Examples that are sequences of different lengths: the first has two rows of two
// numbers, the second has one row.
func ExampleRagged() {
	rows := dataset.Of("walk", []int{2}, []float32{0, 0, 1, 0, 5, 5})
	set, err := dataset.New("walks", dataset.Ragged(rows, []int{2, 1}))
	if err != nil {
		log.Fatal(err)
	}
	walk := set.Column("walk")
	for i := range set.Examples() {
		fmt.Println(walk.Length(i))
	}
	// Output:
	// 2
	// 1
}

// One string per example, for a graph whose input is text.
func ExampleTexts() {
	set, err := dataset.New("reviews",
		dataset.Texts("text", nil, []string{"good", "not good"}),
		dataset.Of("stars", nil, []float32{5, 2}),
	)
	if err != nil {
		log.Fatal(err)
	}
	text := set.Column("text")
	for k := range text.Strings() {
		fmt.Printf("%s\n", text.Text(k))
	}
	// Output:
	// good
	// not good
}
