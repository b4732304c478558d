locals {
  _job       = ["environment", var.environment]
  _trigger   = ["service", "trigger", "environment", var.environment]
  _sweep     = ["service", "sweep", "environment", var.environment]
  _functions = concat([for function in aws_lambda_function.alert : function.function_name], values(var.functions))
  _datasets  = "{GluePipe,dataset,environment} environment=\"${var.environment}\""

  # Three graphs a row: throughput, latency, backlog, quality, cost, errors.
  graphs = [
    {
      title     = "Files by outcome"
      statistic = "Sum"
      metrics = [
        for name in ["FilesSucceeded", "FilesFailed", "FilesIgnored", "FilesToRetry"] : concat(["GluePipe", name], local._job)
      ]
    },
    {
      title     = "Rows"
      statistic = "Sum"
      metrics   = [for name in ["RowsRead", "RowsWritten"] : concat(["GluePipe", name], local._job)]
    },
    {
      title     = "Bytes"
      statistic = "Sum"
      metrics   = [for name in ["BytesIn", "BytesOut"] : concat(["GluePipe", name], local._job)]
    },
    {
      title     = "Seconds from event to table"
      statistic = "Average"
      metrics   = [for statistic in ["p50", "p95", "Maximum"] : concat(["GluePipe", "EventToTable"], local._job, [{ label = statistic, stat = statistic }])]
    },
    {
      title     = "Seconds by step of the job"
      statistic = "Sum"
      metrics   = [[{ expression = "SEARCH('{GluePipe,environment} environment=\"${var.environment}\" MetricName=Seconds', 'Sum', 300)" }]]
    },
    {
      title     = "Duration of the functions, milliseconds"
      statistic = "Maximum"
      metrics   = [for function in local._functions : ["AWS/Lambda", "Duration", "FunctionName", function]]
    },
    {
      title     = "Messages waiting and in flight"
      statistic = "Maximum"
      metrics = [
        for name in ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"] :
        ["AWS/SQS", name, "QueueName", var.queues.files.name]
      ]
    },
    {
      title     = "Age of the oldest message, seconds"
      statistic = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queues.files.name],
        concat(["GluePipe", "BacklogAge"], local._trigger),
      ]
    },
    {
      title     = "Dead letters"
      statistic = "Maximum"
      metrics = [
        for queue in [var.queues.dead_letters, var.queues.undelivered_events] :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]
      ]
    },
    {
      title     = "Rows set aside or rescued"
      statistic = "Sum"
      metrics   = [for name in ["RowsQuarantined", "RowsRescued"] : concat(["GluePipe", name], local._job)]
    },
    {
      title     = "Rows set aside by dataset"
      statistic = "Sum"
      metrics   = [[{ expression = "SEARCH('${local._datasets} MetricName=\"RowsQuarantined\"', 'Sum', 300)" }]]
    },
    {
      title     = "Files with an unusual number of rows"
      statistic = "Sum"
      metrics   = [concat(["GluePipe", "FilesWithUnusualRows"], local._job)]
    },
    {
      title     = "DPU hours of the job"
      statistic = "Sum"
      metrics = [
        [{ expression = "used / 3600", label = "DPU hours" }],
        concat(["GluePipe", "DpuSeconds"], local._sweep, [{ id = "used", visible = false }]),
      ]
    },
    {
      title     = "Errors and throttles of the functions"
      statistic = "Sum"
      metrics = [
        for pair in setproduct(["Errors", "Throttles"], local._functions) :
        ["AWS/Lambda", pair[0], "FunctionName", pair[1]]
      ]
    },
    {
      title     = "Files failed by dataset"
      statistic = "Sum"
      metrics   = [[{ expression = "SEARCH('${local._datasets} MetricName=\"FilesFailed\"', 'Sum', 300)" }]]
    },
    {
      title     = "Trigger"
      statistic = "Sum"
      metrics = [
        for name in ["RunsStarted", "FilesStarted", "MessagesHandedBack", "MessagesBuried"] :
        concat(["GluePipe", name], local._trigger)
      ]
    },
    {
      title     = "What the sweep recovered"
      statistic = "Sum"
      metrics = [
        for name in ["FilesStuck", "FilesOfDeadRuns", "FilesRequeued", "FilesBuried", "FilesMissed"] :
        concat(["GluePipe", name], local._sweep)
      ]
    },
  ]

  _alarm_widget = {
    type       = "alarm"
    x          = 0
    y          = 0
    width      = 24
    height     = 3
    properties = { title = "Alarms", alarms = local.alarm_arns }
  }

  _graph_widgets = [
    for number, graph in local.graphs : {
      type   = "metric"
      x      = number % 3 * 8
      y      = 3 + floor(number / 3) * 6
      width  = 8
      height = 6
      properties = {
        metrics = graph.metrics
        period  = 300
        region  = var.region
        stat    = graph.statistic
        title   = graph.title
        view    = "timeSeries"
      }
    }
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.prefix}-overview"
  dashboard_body = jsonencode({ widgets = concat([local._alarm_widget], local._graph_widgets) })
}
