package main

import (
	"fmt"
	"os"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/internal/printable"
)

type validateCommand struct {
	Paths []string `arg:"" optional:"" name:"path" default:"customers" help:"Deployments' files, or directories of them; customers/ unless given."`
}

// Run checks the files.
func (c validateCommand) Run() error {
	right, err := config.LoadAll(c.Paths...)
	for _, d := range right {
		fmt.Println(printable.Line(contents(d)))
		if len(d.Warnings) > 0 {
			fmt.Fprintln(os.Stderr, printable.Text(d.Warnings.Error()))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, printable.Text(err.Error()))
		return errSaid
	}
	return nil
}

// contents says in a line what is in a deployment's file.
func contents(d config.Deployment) string {
	buckets, sources := make(map[string]bool), 0
	for _, q := range d.Queues {
		for _, b := range q.Buckets {
			buckets[b.Name] = true
		}
		sources += len(q.Sources)
	}
	return fmt.Sprintf("%s: %s, id %s, in %s: %s, %s, %s", d.File, d.Customer, d.ID, d.Region,
		count(len(d.Queues), "queue"), count(len(buckets), "bucket"), count(sources, "source"))
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
