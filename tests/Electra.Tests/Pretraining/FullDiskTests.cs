using System.Diagnostics;

namespace Electra.Tests.Pretraining;

[Collection("torch")]
public sealed class FullDiskTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    [Fact]
    public void A_full_disk_ends_a_run_with_one_line_and_leaves_whole_checkpoints()
    {
        var disk = data["disk"];
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Call("mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", disk) == 0, "mounting a small tmpfs needs root");
        try
        {
            var (code, _, errors) = ElectraProgram.Run("pretrain", data.RecipePath, "--data", data.DatasetPath, "--out", Path.Combine(disk, "run"), "--set", "run.steps=2000", "--set", "run.keep_checkpoints=0");

            Assert.Equal(3, code);
            Assert.Contains("No space left on device", errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
            var checkpoints = Directory.GetDirectories(Path.Combine(disk, "run", "checkpoints"));
            Assert.NotEmpty(checkpoints);
            Assert.All(checkpoints, checkpoint => Assert.Null(Electra.Files.Checksums.FindDamage(checkpoint)));
        }
        finally
        {
            Call("umount", disk);
        }
    }

    [Fact]
    public void A_full_disk_leaves_nothing_of_a_vocabulary_a_dataset_or_a_copied_model()
    {
        var disk = data["small-disk"];
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Call("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", disk) == 0, "mounting a small tmpfs needs root");
        try
        {
            var text = data["text.txt"];
            string[][] commands =
            [
                ["vocab", "train", "--input", text, "--size", "2000"],
                ["corpus", "build", "--input", text, "--tokenizer", data["tokenizer"]],
                ["export", ReferenceFiles.Get("models", "electra-discriminator")],
            ];
            foreach (var command in commands)
            {
                var (code, _, errors) = ElectraProgram.Run([.. command, "--out", Path.Combine(disk, "out")]);

                Assert.Equal(3, code);
                Assert.Contains("No space left on device", errors);
                Assert.EndsWith("Make room and try again; a training run goes on from its last checkpoint with --resume.\n", errors);
                Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
            }
        }
        finally
        {
            Call("umount", disk);
        }
    }

    static int Call(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
