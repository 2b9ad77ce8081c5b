#!/usr/bin/env bash
# One unit of the table of fine-tuning results in docs/results.md: five seeds of a task, from a pretrained encoder or from random weights of
# its sizes. A finished unit is one JSON in docs/results/finetuning/ and is skipped; one that was stopped goes on where it was.
#
#   eng/finetuning-results.sh TASK pretrained|random ENCODER DATA [more arguments of electra finetune]
#
#   TASK     cola, sst2, mrpc, stsb, rte or conll2000
#   ENCODER  a Hugging Face directory, or a pretraining run
#   DATA     the folder that holds glue/ and chunking/
#
# No step is chosen by the dev set: the last one is kept. A unit stops itself after 40 minutes (MINUTES); run the same line again to go on.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
task=$1 start=$2 encoder=$3 data=$4
shift 4
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

extra=()
case $task in
  cola) folder=glue/CoLA ;;
  sst2) folder=glue/SST-2 extra=(--set-task splits.train.max_examples=20000) ;;
  mrpc) folder=glue/MRPC ;;
  stsb) folder=glue/STS-B ;;
  rte) folder=glue/RTE ;;
  conll2000) folder=chunking/conll2000 ;;
  *) echo "$task: no task of the table; cola, sst2, mrpc, stsb, rte and conll2000 are" >&2; exit 2 ;;
esac
case $start in
  pretrained) ;;
  random) extra+=(--random-weights) ;;
  *) echo "$start: pretrained or random is expected" >&2; exit 2 ;;
esac

result="$root/docs/results/finetuning/$task-$start.json"
if [ -f "$result" ]; then echo "$task from $start weights is finished: ${result#"$root"/}"; exit 0; fi
run="$root/runs/finetuning/$task-$start"
status=0
if [ -f "$run/recipe.json" ]; then
  timeout --foreground -s TERM "${MINUTES:-40}m" "$root/electra" finetune --resume "$run" || status=$?
else
  timeout --foreground -s TERM "${MINUTES:-40}m" "$root/electra" finetune "$root/recipes/$task.json" --data "$data/$folder" --from "$encoder" --out "$run" --seeds 5 \
    --set run.keeps_best=false --set run.evaluate_every=1000000 "${extra[@]}" "$@" || status=$?
fi
[ "$status" = 0 ] || { echo "$task from $start weights stopped ($status); the same line goes on" >&2; exit "$status"; }
mkdir -p "${result%/*}"
cp "$run/summary.json" "$result.tmp"
mv "$result.tmp" "$result"
echo "$task from $start weights is finished: ${result#"$root"/}"
