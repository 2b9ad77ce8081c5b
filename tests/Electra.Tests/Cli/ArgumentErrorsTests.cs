using Electra.Cli;

namespace Electra.Tests.Cli;

public sealed class ArgumentErrorsTests
{
    [Theory]
    [InlineData("vocab", "which command? electra vocab has train, inspect; see --help")]
    [InlineData("vocab inspekt", "'inspekt' is no command of electra vocab. Did you mean 'inspect'?")]
    [InlineData("frob", "'frob' is no command of electra; see electra --help")]
    [InlineData("doctor now", "'now' is one argument too many; see electra doctor --help")]
    [InlineData("pretrain small.json --stepz 3", "'--stepz' is no option of electra pretrain. Did you mean '--set'?")]
    [InlineData("corpus verify dataset --frob", "'--frob' is no option of electra corpus verify; see electra corpus verify --help")]
    [InlineData("pretrain --frob", "'--frob' is no option of electra pretrain. Did you mean '--from'?")]
    [InlineData("detect --modell run text", "'--modell' is no option of electra detect. Did you mean '--model'?")]
    [InlineData("vocab train --input a.txt", "--out is missing; see electra vocab train --help")]
    [InlineData("corpus inspect", "DATASET is missing; see electra corpus inspect --help")]
    [InlineData("pretrain --set", "--set needs a value; see electra pretrain --help")]
    [InlineData("pretrain --resume --data d", "--resume needs a value, found --data.")]
    [InlineData("vocab train --input a --out b --out c", "--out is given 2 times; once is enough.")]
    [InlineData("vocab train --input a --out b --size many", "--size many: a whole number up to 2,147,483,647 is expected.")]
    [InlineData("quickstart --seed -1", "--seed -1: a whole number from 0 to 18,446,744,073,709,551,615 is expected.")]
    [InlineData("corpus build --input a --tokenizer b --out c --validation-fraction much", "--validation-fraction much: a number is expected.")]
    [InlineData("embed --model a --pooling last", "--pooling last: one of mean, first is expected.")]
    [InlineData("embed --model a --pooling 7", "--pooling 7: one of mean, first is expected.")]
    public void A_mistake_is_told_in_one_line(string arguments, string message) =>
        Assert.Equal(message, ArgumentErrors.Find(Program.CreateCommands().Parse(arguments.Split(' '))));

    [Theory]
    [InlineData("--out"), InlineData("--input")]
    public void An_empty_value_is_noticed_before_any_work(string option)
    {
        string[] arguments = ["vocab", "train", "--input", option == "--input" ? "" : "a.txt", "--out", option == "--out" ? " " : "b"];
        Assert.Equal($"{option} is empty. An unset variable?", ArgumentErrors.Find(Program.CreateCommands().Parse(arguments)));
    }

    [Theory]
    [InlineData(""), InlineData("--is this a text?")]
    public void A_text_may_be_empty_and_begin_with_dashes(string text) =>
        Assert.Null(ArgumentErrors.Find(Program.CreateCommands().Parse(["detect", "--model", "run", text])));

    [Fact]
    public void The_line_goes_to_standard_error_with_exit_code_2() =>
        Assert.Equal((2, "", "electra: --top many: a whole number up to 2,147,483,647 is expected.\n"), ElectraProgram.Run("fill-mask", "--model", "a", "--top", "many"));
}
