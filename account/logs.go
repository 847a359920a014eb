package account

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// MaxQuery is the longest query of Logs Insights, in characters, and MaxLines
// the most lines that one gives.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
const (
	MaxQuery = 10_000
	MaxLines = 10_000
)

// queryPause is the time between two looks at a query's results.
const queryPause = 500 * time.Millisecond

// Logs are a log group, searched by CloudWatch Logs Insights, which has a price
// by the bytes of the time that is searched.
type Logs struct {
	api   *cloudwatchlogs.Client
	group string
}

// Logs are those of a log group of the Account's.
func (a *Account) Logs(group string) *Logs {
	return &Logs{cloudwatchlogs.NewFromConfig(a.config), group}
}

// Find gives the lines, newest first, that pass the filter of a query, and were
// written between two times.
func (l *Logs) Find(ctx context.Context, filter string, from, to time.Time) (lines []string, err error) {
	started, err := l.api.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupName: &l.group, StartTime: aws.Int64(from.Unix()), EndTime: aws.Int64(to.Unix()), Limit: aws.Int32(MaxLines),
		QueryString: aws.String("fields @message | filter " + filter + " | sort @timestamp desc"),
	})
	if err != nil {
		return nil, fmt.Errorf("search log group %s: %w", l.group, err)
	}
	for {
		out, err := l.api.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			return nil, fmt.Errorf("search log group %s: %w", l.group, err)
		}
		switch out.Status {
		case types.QueryStatusComplete:
			return messages(out.Results), nil
		case types.QueryStatusScheduled, types.QueryStatusRunning:
		default:
			return nil, fmt.Errorf("search log group %s: the query ended as %s", l.group, out.Status)
		}
		if err := pause(ctx, queryPause); err != nil {
			return nil, err
		}
	}
}

func messages(rows [][]types.ResultField) (lines []string) {
	for _, row := range rows {
		for _, f := range row {
			if aws.ToString(f.Field) == "@message" {
				lines = append(lines, aws.ToString(f.Value))
			}
		}
	}
	return lines
}
