package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// List prices in dollars: us-east-1, first tier, without what is free; as of
// when is said in docs/performance.md. https://aws.amazon.com/lambda/pricing/
// and its like.
const (
	lambdaX86     = 0.0000166667 // a GB-second
	lambdaARM     = 0.0000133334
	lambdaRequest = 0.20 / 1e6
	sqsRequest    = 0.40 / 1e6
	s3Get         = 0.40 / 1e6
	ledgerWrite   = 0.625 / 1e6 // up to 1 KB, on demand
)

// oneVCPU is the memory in MiB with which a function has a whole vCPU; with
// less it has that share of one.
const oneVCPU = 1769

// invocationWait is what a batch is assumed to wait for S3, the ledger, and a
// connection to Devo and its end, objects side by side.
const invocationWait = 250 * time.Millisecond

// usualBatch is the deployment's default for messages in an invocation.
const usualBatch = 5

// estimate prints what the rows that were measured mean in dollars, and how
// throughput grows with concurrency.
func estimate(args []string) error {
	f := flag.NewFlagSet("estimate", flag.ContinueOnError)
	from := f.String("from", "dist/bench.json", "what make bench wrote")
	if err := f.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*from)
	if err != nil {
		return err
	}
	var rows []row
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	perObject := time.Duration(0) // of CPU, where the bytes do not count
	for _, r := range rows {
		if r.Case == "cloudtrail" && r.Size == 1<<10 && r.Cores == 1 {
			perObject = time.Duration(r.CPUPerObject * float64(time.Millisecond))
		}
	}
	fmt.Print("dollars per TB unpacked for Lambda, objects of 100 MiB\n\n" +
		"| format | CPU-s/GB | x86, 256 MiB | 512 MiB | 1,769 MiB | arm64, 256 MiB | 512 MiB | 1,769 MiB |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.Size != 100<<20 || r.Cores != 1 {
			continue
		}
		fmt.Printf("| %s | %.2f |", r.Case, r.CPUPerGB)
		for _, price := range []float64{lambdaX86, lambdaARM} {
			for _, memory := range []float64{256, 512, oneVCPU} {
				fmt.Printf(" %.3f |", lambdaPerTB(r, memory, price))
			}
		}
		fmt.Println()
		if r.Case == "cloudtrail" {
			defer growth(r, perObject)
		}
	}
	perTB := func(objectBytes float64) float64 {
		return 1e12 / objectBytes * (s3Get + 2*ledgerWrite + lambdaRequest/usualBatch + sqsRequest*(1+2./usualBatch))
	}
	fmt.Printf("\nrequests per TB (S3, SQS, ledger, Lambda): $%.3f with objects of 100 MiB, $%.2f of 1 MiB, $%.0f of 10 KiB\n\n",
		perTB(100<<20), perTB(1<<20), perTB(10<<10))
	return nil
}

// lambdaPerTB is the price of the time that invocations take.
func lambdaPerTB(r row, memory, price float64) float64 {
	const object = 100 << 20
	share := min(memory/oneVCPU, 1)
	seconds := usualBatch*object/1e9*r.CPUPerGB/share + invocationWait.Seconds()
	return 1e12 / (usualBatch * object) * seconds * memory / 1024 * price
}

// growth prints how throughput grows with concurrency, for objects of 1 MiB.
func growth(r row, perObject time.Duration) {
	perObject = cmp.Or(perObject, time.Millisecond)
	fmt.Print("objects of 1 MiB of CloudTrail, 1,769 MiB of memory, ten messages in a batch\n\n" +
		"| invocations at once | objects/s | GB/s | TB/day | in flight | connections | most waited for |\n|---|---|---|---|---|---|---|\n")
	for _, q := range []struct {
		invocations  []int
		s3, ledger   string
		gets, writes float64
	}{
		{[]int{1, 10, 50, 100, 1000}, "S3, 5,500 GET/s of a prefix", "ledger, 4,000 writes/s of a new table", 5500, 4000},
		{[]int{100, 500, 1000, 10_000}, "S3, 10 prefixes", "ledger, 40,000 writes/s of a table", 55_000, 40_000},
	} {
		for _, n := range q.invocations {
			f := fleet{
				invocations: n, batch: 10, objectMB: 1.048576, cpuPerMB: time.Duration(r.CPUPerGB * float64(time.Millisecond)),
				cpuPerCall: perObject, wait: invocationWait,
				quotas: []*quota{{name: q.s3, rate: q.gets}, {name: q.ledger, rate: q.writes}}, perObject: []int{1, 2},
			}
			y := f.run(time.Minute)
			fmt.Printf("| %d | %.0f | %.2f | %.1f | %d | %d | %s |\n", n, y.objects, y.megabytes/1e3, y.megabytes*86400/1e6,
				n*f.batch, n, cmp.Or(y.limit, "–")) // a batch of small objects has one connection
		}
	}
}
